metadata description = 'Front Door Standard in front of the container `media`. It reads as its own identity, so no photo is public at its source.'

import { roles } from 'roles.bicep'

@description('Part of the names that makes them unique.')
param suffix string

@description('Tags of every resource.')
param tags object

@description('Account that photos are read from.')
param dataAccountName string

@description('Object id of the program\'s identity, which purges photos that were removed.')
param principalId string

var originHost = '${dataAccountName}.blob.${environment().suffixes.storage}'

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: dataAccountName
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' existing = {
  parent: account
  name: 'default'
}

resource media 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' existing = {
  parent: blobs
  name: 'media'
}

resource profile 'Microsoft.Cdn/profiles@2025-06-01' = {
  name: 'afd-${suffix}'
  location: 'global'
  tags: tags
  sku: { name: 'Standard_AzureFrontDoor' }
  identity: { type: 'SystemAssigned' }
  properties: { originResponseTimeoutSeconds: 30 }
}

resource readsPhotos 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(media.id, profile.id, roles.storageBlobDataReader)
  scope: media
  properties: {
    principalId: profile.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataReader)
  }
}

resource endpoint 'Microsoft.Cdn/profiles/afdEndpoints@2025-06-01' = {
  parent: profile
  name: 'media-${suffix}'
  location: 'global'
  tags: tags
  properties: { enabledState: 'Enabled' }
}

// One origin: a probe would decide nothing, and be paid for.
resource originGroup 'Microsoft.Cdn/profiles/originGroups@2025-06-01' = {
  parent: profile
  name: 'blobs'
  properties: {
    loadBalancingSettings: { sampleSize: 4, successfulSamplesRequired: 3 }
    authentication: {
      type: 'SystemAssignedIdentity'
      scope: 'https://storage.azure.com/.default'
    }
  }
}

resource origin 'Microsoft.Cdn/profiles/originGroups/origins@2025-06-01' = {
  parent: originGroup
  name: 'account'
  properties: {
    hostName: originHost
    originHostHeader: originHost
    httpsPort: 443
    enforceCertificateNameCheck: true
    enabledState: 'Enabled'
  }
}

resource rules 'Microsoft.Cdn/profiles/ruleSets@2025-06-01' = {
  parent: profile
  name: 'media'
}

// Blob Storage takes tokens only since a certain version of its API, and knows the version by this header.
resource tokens 'Microsoft.Cdn/profiles/ruleSets/rules@2025-06-01' = {
  parent: rules
  name: 'tokens'
  properties: {
    order: 1
    matchProcessingBehavior: 'Continue'
    actions: [
      {
        name: 'ModifyRequestHeader'
        parameters: {
          typeName: 'DeliveryRuleHeaderActionParameters'
          headerAction: 'Overwrite'
          headerName: 'x-ms-version'
          value: '2023-11-03'
        }
      }
      {
        name: 'ModifyResponseHeader'
        parameters: {
          typeName: 'DeliveryRuleHeaderActionParameters'
          headerAction: 'Overwrite'
          headerName: 'X-Content-Type-Options'
          value: 'nosniff'
        }
      }
    ]
  }
}

// Only `/media/`: Front Door has no right to the other containers, and nobody should even ask. Names are hashes of contents, and
// uploads say how long they may be kept.
resource route 'Microsoft.Cdn/profiles/afdEndpoints/routes@2025-06-01' = {
  parent: endpoint
  name: 'media'
  dependsOn: [origin, tokens]
  properties: {
    originGroup: { id: originGroup.id }
    ruleSets: [{ id: rules.id }]
    patternsToMatch: ['/media/*']
    supportedProtocols: ['Http', 'Https']
    httpsRedirect: 'Enabled'
    forwardingProtocol: 'HttpsOnly'
    linkToDefaultDomain: 'Enabled'
    cacheConfiguration: { queryStringCachingBehavior: 'IgnoreQueryString' }
  }
}

// Built-in roles that may purge may also change the endpoint. Whoever deploys this needs the right to define roles: that of an
// Owner or a User Access Administrator.
resource purge 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, 'purge', suffix)
  properties: {
    roleName: 'Pravis: purge Front Door (${suffix})'
    description: 'Removes copies from a Front Door endpoint, and nothing else.'
    type: 'CustomRole'
    permissions: [{ actions: ['Microsoft.Cdn/profiles/afdEndpoints/purge/action'], notActions: [] }]
    assignableScopes: [resourceGroup().id]
  }
}

resource purges 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(endpoint.id, principalId, purge.id)
  scope: endpoint
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: purge.id
  }
}

@description('Address that photos are delivered from.')
output url string = 'https://${endpoint.properties.hostName}'

@description('Resource id of the endpoint, as PRAVIS_CDN_ENDPOINT_ID takes it.')
output endpointId string = endpoint.id
