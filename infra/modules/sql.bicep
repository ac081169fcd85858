metadata description = 'Azure SQL: a server without passwords, and the database of the shop.'

@description('Name of the server, unique in Azure.')
param serverName string

@description('Name of the database.')
param databaseName string = 'pravis'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Display name of whoever administers the server, best a group that holds those who migrate.')
param adminName string

@description('Object id of that group, user or application in Entra.')
param adminObjectId string

@description('What it is.')
@allowed(['Group', 'User', 'Application'])
param adminType string = 'Group'

@description('Whether the server can be reached from outside the virtual network. Without one there is no other way.')
@allowed(['Enabled', 'Disabled'])
param publicNetworkAccess string = 'Disabled'

@description('Addresses besides Azure\'s own from which the server can be reached, each { name, start, end }: whoever migrates from a laptop.')
param allowedAddresses array = []

@description('What the database runs on: `serverless` (pauses when idle), `free` (the same, within the monthly free amount), `provisioned`, or `hyperscale`.')
@allowed(['free', 'serverless', 'provisioned', 'hyperscale'])
param tier string = 'serverless'

@description('Virtual cores at most; `serverless` and `free` take as few as half of one, `provisioned` and `hyperscale` have two at least.')
@minValue(1)
@maxValue(128)
param vCores int = 1

@description('Largest size of the database in gigabytes; the free offer has 32, and `hyperscale` grows by itself.')
@minValue(1)
@maxValue(4096)
param maxSizeGB int = 32

@description('Minutes without a session after which `serverless` and `free` pause, 15 at least; -1: never.')
param autoPauseMinutes int = 60

@description('Read replicas, of `hyperscale` only: numbers and exports are then read from one.')
@minValue(0)
@maxValue(4)
param readReplicas int = 0

@description('Days of which any second can be restored; 7 at most with `free`.')
@minValue(1)
@maxValue(35)
param backupDays int = 7

@description('Where backups are kept: in this region, in its zones, or in its paired region, too.')
@allowed(['Local', 'Zone', 'Geo'])
param backupRedundancy string = 'Geo'

@description('Whether Defender for SQL looks for injections and odd logins; it is paid for by the server.')
param threatDetection bool = false

@description('Log Analytics workspace that keeps the audit log.')
param workspaceId string

var gigabyte = 1073741824
var hasReadReplica = tier == 'hyperscale' && readReplicas > 0
var openAddresses = publicNetworkAccess == 'Enabled' ? allowedAddresses : []
var pauses = tier == 'free' || tier == 'serverless'
var skus = {
  free: { name: 'GP_S_Gen5', tier: 'GeneralPurpose', family: 'Gen5', capacity: vCores }
  serverless: { name: 'GP_S_Gen5', tier: 'GeneralPurpose', family: 'Gen5', capacity: vCores }
  provisioned: { name: 'GP_Gen5', tier: 'GeneralPurpose', family: 'Gen5', capacity: vCores }
  hyperscale: { name: 'HS_Gen5', tier: 'Hyperscale', family: 'Gen5', capacity: vCores }
}
// Fewer than an eighth of the most is not offered.
var minVCores = vCores <= 4 ? '0.5' : string(vCores / 8 + 1)

resource server 'Microsoft.Sql/servers@2023-08-01' = {
  // checkov:skip=CKV_AZURE_113: main.bicep opens it without private networking; who comes in needs a user in the database, and there are no passwords
  name: serverName
  location: location
  tags: tags
  properties: {
    version: '12.0'
    minimalTlsVersion: '1.2'
    publicNetworkAccess: publicNetworkAccess
    administrators: {
      administratorType: 'ActiveDirectory'
      azureADOnlyAuthentication: true
      login: adminName
      sid: adminObjectId
      principalType: adminType
      tenantId: subscription().tenantId
    }
  }
}

resource database 'Microsoft.Sql/servers/databases@2023-08-01' = {
  // checkov:skip=CKV_AZURE_26: detection is the server's, and the parameter `threatDetection` decides
  // checkov:skip=CKV_AZURE_27: the same
  // checkov:skip=CKV_AZURE_229: zones double the price of the database; while it is away writes are spilled, and none is lost
  parent: server
  name: databaseName
  location: location
  tags: tags
  sku: skus[tier]
  properties: {
    zoneRedundant: false
    // The free offer has backups in its region only.
    requestedBackupStorageRedundancy: tier == 'free' ? 'Local' : backupRedundancy
    maxSizeBytes: tier == 'hyperscale' ? null : maxSizeGB * gigabyte
    autoPauseDelay: pauses ? autoPauseMinutes : null
    minCapacity: pauses ? json(minVCores) : null
    useFreeLimit: tier == 'free' ? true : null
    freeLimitExhaustionBehavior: tier == 'free' ? 'AutoPause' : null
    highAvailabilityReplicaCount: tier == 'hyperscale' ? readReplicas : null
    readScale: hasReadReplica ? 'Enabled' : 'Disabled'
  }
}

resource backups 'Microsoft.Sql/servers/databases/backupShortTermRetentionPolicies@2023-08-01' = {
  parent: database
  name: 'default'
  properties: { retentionDays: backupDays }
}

// Any service in Azure may knock, of whatever tenant; only Entra identities with a user in the database come in.
resource azureAddresses 'Microsoft.Sql/servers/firewallRules@2023-08-01' = if (publicNetworkAccess == 'Enabled') {
  parent: server
  name: 'AllowAllWindowsAzureIps'
  properties: { startIpAddress: '0.0.0.0', endIpAddress: '0.0.0.0' }
}

resource otherAddresses 'Microsoft.Sql/servers/firewallRules@2023-08-01' = [
  for address in openAddresses: {
    parent: server
    name: address.name
    properties: { startIpAddress: address.start, endIpAddress: address.end }
  }
]

// Who came in, and who changed tables and rights. Never the groups of completed batches: they hold the statements with their
// values, which are the shoppers' words, and a record for each statement is paid for.
resource auditing 'Microsoft.Sql/servers/auditingSettings@2023-08-01' = {
  parent: server
  name: 'default'
  properties: {
    state: 'Enabled'
    isAzureMonitorTargetEnabled: true
    retentionDays: 91
    auditActionsAndGroups: [
      'SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP'
      'FAILED_DATABASE_AUTHENTICATION_GROUP'
      'DATABASE_OBJECT_CHANGE_GROUP'
      'DATABASE_OBJECT_PERMISSION_CHANGE_GROUP'
      'DATABASE_PERMISSION_CHANGE_GROUP'
      'DATABASE_PRINCIPAL_CHANGE_GROUP'
      'DATABASE_ROLE_MEMBER_CHANGE_GROUP'
      'SCHEMA_OBJECT_CHANGE_GROUP'
      'SCHEMA_OBJECT_PERMISSION_CHANGE_GROUP'
    ]
  }
}

// The audit log of a server leaves it through its database `master`.
resource master 'Microsoft.Sql/servers/databases@2023-08-01' existing = {
  parent: server
  name: 'master'
}

resource auditLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'audit'
  scope: master
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'SQLSecurityAuditEvents', enabled: true }]
  }
}

resource detection 'Microsoft.Sql/servers/securityAlertPolicies@2023-08-01' = if (threatDetection) {
  parent: server
  name: 'Default'
  properties: {
    state: 'Enabled'
    emailAccountAdmins: true
    retentionDays: 91
  }
}

@description('Resource id of the server.')
output serverId string = server.id

@description('Host name of the server.')
output fullyQualifiedDomainName string = server.properties.fullyQualifiedDomainName

@description('Resource id of the database.')
output databaseId string = database.id

@description('Name of the database.')
output databaseName string = database.name

@description('Connection string without a secret: who connects proves with a token who they are.')
output connectionString string = 'Server=tcp:${server.properties.fullyQualifiedDomainName},1433;Database=${database.name};Encrypt=true'

@description('Whether there is a replica to read from.')
output hasReadReplica bool = hasReadReplica
