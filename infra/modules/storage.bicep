metadata description = 'Two storage accounts: one of the Functions host (locks, timers, the package), one of the shop (blobs and queues). Neither takes a key.'

import { roles } from 'roles.bicep'

@description('Name of the account of the Functions host, 3 to 24 lower case letters and digits.')
@minLength(3)
@maxLength(24)
param hostAccountName string

@description('Name of the account that holds the shop\'s blobs and queues, 3 to 24 lower case letters and digits.')
@minLength(3)
@maxLength(24)
param dataAccountName string

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Where the copies of the data are: one datacentre, three zones, or a second region besides.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param redundancy string = 'Standard_ZRS'

@description('Whether the host\'s account can be reached from outside the virtual network. Without one there is no other way.')
@allowed(['Enabled', 'Disabled'])
param hostPublicNetworkAccess string = 'Disabled'

@description('Object id of the program\'s identity.')
param principalId string

@description('Web origins whose pages upload straight to the account, such as https://www.shop.example; none: no page may.')
param uploadOrigins array = []

@description('Days for which a deleted blob can be brought back. What a shopper had erased is gone for good only after them.')
@minValue(1)
@maxValue(365)
param softDeleteDays int = 7

// What the program uses: `Container` and `Queue` of handlers/blobs name the same ones, and a test compares them.
var containers = [
  'incoming'
  'media'
  'private'
  'quarantine'
  'spill'
  'reports'
]

// The host would make the poison queues itself with the first message that fails; here they can be watched from the start.
var queues = [
  'pravis-media'
  'pravis-media-poison'
  'pravis-spill'
  'pravis-spill-poison'
  'pravis-deliver'
  'pravis-deliver-poison'
]

// Events that Event Grid could not deliver; the program knows nothing of them.
var deadLetterContainer = 'event-dead-letters'

resource host 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  // checkov:skip=CKV_AZURE_43: the name is given, and its rule is that of the parameter
  // checkov:skip=CKV_AZURE_35: main.bicep opens it without private networking, as Flex Consumption has no addresses to let in; callers need a role
  // checkov:skip=CKV_AZURE_59: the same
  // checkov:skip=CKV_AZURE_206: locks, timers and a package that is deployed again; a second region would be paid for nothing
  name: hostAccountName
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: hostPublicNetworkAccess
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: hostPublicNetworkAccess == 'Disabled' ? 'Deny' : 'Allow'
    }
  }
}

resource hostBlobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: host
  name: 'default'
}

resource package 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: hostBlobs
  name: 'package'
  properties: { publicAccess: 'None' }
}

resource data 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  // checkov:skip=CKV_AZURE_43: the name is given, and its rule is that of the parameter
  // checkov:skip=CKV_AZURE_35: shoppers' browsers upload with signed grants, and Front Door reads photos; every call is signed by an Entra identity
  // checkov:skip=CKV_AZURE_59: the same; blobs are never public, since allowBlobPublicAccess is off
  // checkov:skip=CKV_AZURE_206: the parameter `redundancy` decides, three zones by default; a second region may not be allowed to have the data
  name: dataAccountName
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: redundancy }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Enabled'
    networkAcls: { bypass: 'AzureServices', defaultAction: 'Allow' }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: data
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: softDeleteDays }
    containerDeleteRetentionPolicy: { enabled: true, days: softDeleteDays }
    cors: {
      corsRules: empty(uploadOrigins) ? [] : [
        {
          allowedOrigins: uploadOrigins
          allowedMethods: ['GET', 'HEAD', 'PUT', 'OPTIONS']
          allowedHeaders: ['content-type', 'range', 'x-ms-*']
          exposedHeaders: ['content-length', 'content-range', 'content-type', 'etag']
          maxAgeInSeconds: 3600
        }
      ]
    }
  }
}

resource blobContainers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = [
  for container in containers: {
    parent: blobs
    name: container
    properties: { publicAccess: 'None' }
  }
]

resource deadLetters 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: deadLetterContainer
  properties: { publicAccess: 'None' }
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-06-01' = {
  parent: data
  name: 'default'
}

resource storageQueues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' = [
  for queue in queues: {
    parent: queueService
    name: queue
  }
]

// No rule touches `spill`: what was acknowledged and not stored yet goes only with its replay. Reports and recordings are the
// program's to remove, by their records.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-06-01' = {
  parent: data
  name: 'default'
  dependsOn: [blobs]
  properties: {
    policy: {
      rules: [
        {
          name: 'remove-uploads-that-nobody-took-in'
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['incoming/'] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 7 } } }
          }
        }
        {
          name: 'remove-what-was-quarantined'
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['quarantine/'] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 90 } } }
          }
        }
        {
          name: 'cool-old-photos'
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['media/'] }
            actions: { baseBlob: { tierToCool: { daysAfterModificationGreaterThan: 90 } } }
          }
        }
        {
          name: 'remove-dead-letters'
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['${deadLetterContainer}/'] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 30 } } }
          }
        }
      ]
    }
  }
}

// What the host asks for to hold locks and timers, to fetch the package, and to note its diagnostic events.
resource hostGrants 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [roles.storageBlobDataOwner, roles.storageQueueDataContributor, roles.storageTableDataContributor]: {
    name: guid(host.id, principalId, role)
    scope: host
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

resource dataGrants 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [roles.storageBlobDataContributor, roles.storageQueueDataContributor]: {
    name: guid(data.id, principalId, role)
    scope: data
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

@description('Name of the account of the Functions host.')
output hostAccountName string = host.name

@description('Resource id of the account of the Functions host.')
output hostAccountId string = host.id

@description('Where the package is kept: the URL of its container.')
output packageContainerUrl string = '${host.properties.primaryEndpoints.blob}${package.name}'

@description('Name of the account of the shop.')
output dataAccountName string = data.name

@description('Where its blobs are, without a slash at the end.')
output blobEndpoint string = 'https://${data.name}.blob.${environment().suffixes.storage}'

@description('Where its queues are, without a slash at the end.')
output queueEndpoint string = 'https://${data.name}.queue.${environment().suffixes.storage}'

@description('Container of the events that could not be delivered.')
output deadLetterContainer string = deadLetters.name
