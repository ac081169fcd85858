metadata description = 'The Key Vault, and the names of the few secrets that there are. The database, the storage and the telemetry need none.'

import { roles } from 'roles.bicep'

@export()
@description('Every secret, by what it is for. A setting refers to one as `kv:<name>`.')
var secretNames = {
  hashKey: 'pravis-hash-key' // key of the hashes that stand for ids in telemetry
  smtp: 'pravis-smtp' // address of the mail server, with its password
  webhooks: 'pravis-webhooks' // endpoints that are told of reports, with their signing keys
}

@description('Name of the vault, at most 24 characters. It cannot be used again for 90 days after the vault was deleted.')
@minLength(3)
@maxLength(24)
param name string

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Whether the vault can be reached from outside the virtual network. Without one there is no other way.')
@allowed(['Enabled', 'Disabled'])
param publicNetworkAccess string = 'Disabled'

@description('Object id of the program\'s identity.')
param principalId string

@description('Log Analytics workspace that is told who read which secret.')
param workspaceId string

@description('Random, for the first deployment; later ones leave the key that is there, as the hashes of yesterday were made with it.')
@secure()
// checkov:skip=CKV_AZURE_131: the default is another one at each deployment
param firstHashKey string = '${newGuid()}${newGuid()}'

@description('Mail server to write into the vault; empty: the one that is there stays.')
@secure()
param smtp string = ''

@description('Webhooks to write into the vault; empty: those that are there stay.')
@secure()
param webhooks string = ''

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  // checkov:skip=CKV_AZURE_109: main.bicep opens it without private networking, as Flex Consumption has no addresses to let in; readers need a role
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: publicNetworkAccess
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: publicNetworkAccess == 'Disabled' ? 'Deny' : 'Allow'
    }
  }
}

@onlyIfNotExists()
resource hashKeySecret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  // checkov:skip=CKV_AZURE_41: with an end the program would lose the key, and with it what hashes of yesterday have in common with those of today
  parent: vault
  name: secretNames.hashKey
  properties: { value: firstHashKey, contentType: 'text/plain' }
}

resource smtpSecret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (!empty(smtp)) {
  // checkov:skip=CKV_AZURE_114: it is set; the check does not see into resources with a condition
  // checkov:skip=CKV_AZURE_41: the mail server decides how long its password is good; the program takes a new one without a restart
  parent: vault
  name: secretNames.smtp
  properties: { value: smtp, contentType: 'text/plain' }
}

resource webhooksSecret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (!empty(webhooks)) {
  // checkov:skip=CKV_AZURE_114: it is set; the check does not see into resources with a condition
  // checkov:skip=CKV_AZURE_41: receivers hold the same keys, and are told of new ones first; the program takes them without a restart
  parent: vault
  name: secretNames.webhooks
  properties: { value: webhooks, contentType: 'text/plain' }
}

resource readsSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principalId, roles.keyVaultSecretsUser)
  scope: vault
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsUser)
  }
}

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'audit'
  scope: vault
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'AuditEvent', enabled: true }]
  }
}

@description('Resource id.')
output id string = vault.id

@description('Name.')
output name string = vault.name

@description('Address, as PRAVIS_KEY_VAULT_URL takes it.')
output uri string = vault.properties.vaultUri
