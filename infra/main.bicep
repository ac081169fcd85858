metadata name = 'Pravis'
metadata description = 'Everything that Pravis runs on, in one resource group: no key, no password, and nothing that costs while nobody comes. Needs Bicep 0.38 or later.'

targetScope = 'resourceGroup'

// Where, and how large

@description('Name of the environment, such as dev or prod: it is part of the names of resources.')
@minLength(2)
@maxLength(24)
param environmentName string

@description('Region of everything that has one.')
param location string = resourceGroup().location

@description('Tags of every resource, besides that of the environment.')
param tags object = {}

@description('`flex` (Flex Consumption) scales to zero; `premium` (EP1) always has an instance, and is for regions and rules without Flex Consumption.')
@allowed(['flex', 'premium'])
param plan string = 'flex'

@description('Memory of an instance of `flex`. A photo of 50 million pixels needs 300 MB beside the host.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Instances at most: 40 to 1000 of `flex`, 1 to 20 of `premium`.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Instances of `flex` that always wait for requests, and are paid for: with none there is a cold start after a quiet time.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = 0

@description('Requests that an instance of `flex` takes at once before another is started.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int = 100

@description('Where the copies of blobs are: one datacentre, three zones, or a second region besides.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageRedundancy string = 'Standard_ZRS'

// The database

@description('Display name of whoever administers the database server, best a group that holds those who migrate.')
param sqlAdminName string

@description('Object id of that group, user or application in Entra.')
param sqlAdminObjectId string

@description('What it is.')
@allowed(['Group', 'User', 'Application'])
param sqlAdminType string = 'Group'

@description('What the database runs on: `serverless` (pauses when idle), `free` (the same, within the monthly free amount), `provisioned`, or `hyperscale`.')
@allowed(['free', 'serverless', 'provisioned', 'hyperscale'])
param sqlTier string = 'serverless'

@description('Virtual cores at most; `provisioned` and `hyperscale` have two at least.')
@minValue(1)
@maxValue(128)
param sqlVCores int = 1

@description('Largest size of the database in gigabytes; `hyperscale` grows by itself.')
@minValue(1)
@maxValue(4096)
param sqlMaxSizeGB int = 32

@description('Minutes without a session after which `serverless` and `free` pause, 15 at least; -1: never.')
param sqlAutoPauseMinutes int = 60

@description('Read replicas, of `hyperscale` only: numbers and exports are then read from one.')
@minValue(0)
@maxValue(4)
param sqlReadReplicas int = 0

@description('Days of which any second can be restored; 7 at most with `free`.')
@minValue(1)
@maxValue(35)
param sqlBackupDays int = 7

@description('Where backups are kept: in this region, in its zones, or in its paired region, too.')
@allowed(['Local', 'Zone', 'Geo'])
param sqlBackupRedundancy string = 'Geo'

@description('Whether Defender for SQL looks for injections and odd logins; it is paid for by the server.')
param sqlThreatDetection bool = false

@description('Addresses besides Azure\'s own from which the database can be reached, each { name, start, end }: whoever migrates from a laptop.')
param sqlAllowedAddresses array = []

// The shop

@description('Address that clients see, such as https://api.shop.example; empty: that of the app itself.')
param publicUrl string = ''

@description('IANA name of the shop\'s time zone: by its days numbers are counted and reports are made.')
param timeZone string = 'UTC'

@description('Days after which turns are removed; 0: never.')
@minValue(0)
param retentionDays int = 0

@description('Days after which client events are removed; 0: as turns.')
@minValue(0)
param eventRetentionDays int = 0

@description('Days after which recordings are removed; 0: never.')
@minValue(0)
param voiceRetentionDays int = 0

@description('Days for which a deleted blob can be brought back. What a shopper had erased is gone for good only after them.')
@minValue(1)
@maxValue(365)
param softDeleteDays int = 7

@description('Web origins whose pages upload straight to the storage, such as https://www.shop.example; none: no page may.')
param uploadOrigins array = []

@description('Who gets reports by mail: addresses between commas; empty: nobody.')
param reportRecipients string = ''

@description('Sender of these mails, such as reports@shop.example.')
param mailFrom string = ''

@description('Azure Communication Services of this resource group that send them; empty: none.')
param communicationServiceName string = ''

@description('Whether the vault holds a mail server that sends them instead.')
param useSmtp bool = false

@description('Mail server to write into the vault, smtps://user:password@host; empty: the one that is there stays.')
@secure()
param smtp string = ''

@description('Whether the vault holds webhooks that are told of reports.')
param useWebhooks bool = false

@description('Webhooks to write into the vault, https://…|whsec_… between commas; empty: those that are there stay.')
@secure()
param webhooks string = ''

@description('Azure AI Language account of this resource group that refines the tone of comments; empty: none, and comments stay in the program.')
param languageAccountName string = ''

@description('Settings of the program whose defaults do not fit, by name, such as { PRAVIS_REPORT_HOUR: \'7\' }. It refuses names that it does not know.')
param otherSettings object = {}

// What can be switched on

@description('Whether photos are delivered by Front Door Standard, which has a monthly base price.')
param enableCdn bool = false

@description('Whether database, vault and host storage are reached through a virtual network only. Migrations then have to run inside it, too.')
param privateNetworking bool = false

@description('Address range of that network, a /24 or larger.')
param addressPrefix string = '10.42.0.0/24'

// Watching it

@description('Mail addresses that are told of alerts; none: alerts show in the portal only.')
param alertEmails array = []

@description('How often logs are asked for alerts. Every five minutes costs three times as much as every fifteen.')
@allowed(['PT5M', 'PT15M'])
param alertFrequency string = 'PT15M'

@description('Percent of requests below which the API counts as not available.')
@minValue(50)
@maxValue(100)
param availabilityPercent int = 99

@description('Milliseconds above which the 95th percentile of requests is too slow.')
@minValue(100)
param latencyMs int = 3000

@description('Whether the API is asked from outside every five minutes. That keeps an app awake that would scale to zero.')
param availabilityTest bool = false

@description('Gigabytes of telemetry a day after which nothing more is taken until the next day, alerts included; -1: any amount.')
@minValue(-1)
param logDailyQuotaGB int = 5

@description('Days for which facts of interactions are kept in Log Analytics; the first 90 can be queried at once.')
@minValue(90)
@maxValue(4383)
param factsRetentionDays int = 730

@description('Amount that the resource group may cost a month, in the currency of the subscription.')
@minValue(1)
param monthlyBudget int = 100

@description('First day of the month in which the budget is made, such as 2026-12-01; empty: no budget. It must stay as it is: Azure takes no other.')
param budgetStart string = ''

var token = uniqueString(resourceGroup().id, environmentName)
var suffix = '${toLower(environmentName)}-${token}'
var allTags = union(tags, { 'azd-env-name': environmentName })
// Without a virtual network what has no key is open to the internet, and to Entra's tokens only.
var publicNetworkAccess = privateNetworking ? 'Disabled' : 'Enabled'

module identity 'modules/identity.bicep' = {
  params: {
    name: 'id-pravis-${suffix}'
    location: location
    tags: allTags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  params: {
    suffix: suffix
    location: location
    tags: allTags
    principalId: identity.outputs.principalId
    dailyQuotaGB: logDailyQuotaGB
    factsRetentionDays: factsRetentionDays
  }
}

module storage 'modules/storage.bicep' = {
  params: {
    hostAccountName: 'sthost${token}'
    dataAccountName: 'stdata${token}'
    location: location
    tags: allTags
    redundancy: storageRedundancy
    hostPublicNetworkAccess: publicNetworkAccess
    principalId: identity.outputs.principalId
    uploadOrigins: uploadOrigins
    softDeleteDays: softDeleteDays
  }
}

module vault 'modules/vault.bicep' = {
  params: {
    name: 'kv-pravis-${token}'
    location: location
    tags: allTags
    publicNetworkAccess: publicNetworkAccess
    principalId: identity.outputs.principalId
    workspaceId: monitoring.outputs.workspaceId
    smtp: smtp
    webhooks: webhooks
  }
}

module sql 'modules/sql.bicep' = {
  params: {
    serverName: 'sql-${suffix}'
    location: location
    tags: allTags
    adminName: sqlAdminName
    adminObjectId: sqlAdminObjectId
    adminType: sqlAdminType
    publicNetworkAccess: publicNetworkAccess
    allowedAddresses: sqlAllowedAddresses
    tier: sqlTier
    vCores: sqlVCores
    maxSizeGB: sqlMaxSizeGB
    autoPauseMinutes: sqlAutoPauseMinutes
    readReplicas: sqlReadReplicas
    backupDays: sqlBackupDays
    backupRedundancy: sqlBackupRedundancy
    threatDetection: sqlThreatDetection
    workspaceId: monitoring.outputs.workspaceId
  }
}

// The account of the shop is not among the targets: browsers upload to it, and Front Door Standard reads from it.
module network 'modules/network.bicep' = if (privateNetworking) {
  params: {
    suffix: suffix
    location: location
    tags: allTags
    addressPrefix: addressPrefix
    appDelegation: plan == 'flex' ? 'Microsoft.App/environments' : 'Microsoft.Web/serverFarms'
    targets: [
      {
        name: 'sql'
        resourceId: sql.outputs.serverId
        group: 'sqlServer'
        zone: 'privatelink${environment().suffixes.sqlServerHostname}'
      }
      {
        name: 'vault'
        resourceId: vault.outputs.id
        group: 'vault'
        zone: 'privatelink.vaultcore.azure.net'
      }
      {
        name: 'host-blob'
        resourceId: storage.outputs.hostAccountId
        group: 'blob'
        zone: 'privatelink.blob.${environment().suffixes.storage}'
      }
      {
        name: 'host-queue'
        resourceId: storage.outputs.hostAccountId
        group: 'queue'
        zone: 'privatelink.queue.${environment().suffixes.storage}'
      }
      {
        name: 'host-table'
        resourceId: storage.outputs.hostAccountId
        group: 'table'
        zone: 'privatelink.table.${environment().suffixes.storage}'
      }
    ]
  }
}

module events 'modules/events.bicep' = {
  params: {
    suffix: suffix
    location: location
    tags: allTags
    dataAccountName: storage.outputs.dataAccountName
    deadLetterContainer: storage.outputs.deadLetterContainer
    workspaceId: monitoring.outputs.workspaceId
  }
}

module cdn 'modules/cdn.bicep' = if (enableCdn) {
  params: {
    suffix: suffix
    tags: allTags
    dataAccountName: storage.outputs.dataAccountName
    principalId: identity.outputs.principalId
  }
}

module language 'modules/language.bicep' = if (!empty(languageAccountName)) {
  params: {
    accountName: languageAccountName
    principalId: identity.outputs.principalId
  }
}

module mail 'modules/mail.bicep' = if (!empty(communicationServiceName)) {
  params: {
    serviceName: communicationServiceName
    principalId: identity.outputs.principalId
  }
}

module function 'modules/function.bicep' = {
  params: {
    suffix: suffix
    location: location
    tags: allTags
    plan: plan
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyInstances: alwaysReadyInstances
    httpConcurrency: httpConcurrency
    subnetId: privateNetworking ? network!.outputs.appSubnetId : ''
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    hostAccountName: storage.outputs.hostAccountName
    packageContainerUrl: storage.outputs.packageContainerUrl
    blobEndpoint: storage.outputs.blobEndpoint
    queueEndpoint: storage.outputs.queueEndpoint
    sqlConnectionString: sql.outputs.connectionString
    sqlReadReplica: sql.outputs.hasReadReplica
    vaultUri: vault.outputs.uri
    applicationInsightsConnectionString: monitoring.outputs.connectionString
    logsEndpoint: monitoring.outputs.logsEndpoint
    logsRuleId: monitoring.outputs.logsRuleId
    publicUrl: publicUrl
    timeZone: timeZone
    retentionDays: retentionDays
    eventRetentionDays: eventRetentionDays
    voiceRetentionDays: voiceRetentionDays
    reportRecipients: reportRecipients
    mailFrom: mailFrom
    communicationEndpoint: empty(communicationServiceName) ? '' : mail!.outputs.endpoint
    useSmtp: useSmtp
    useWebhooks: useWebhooks
    languageEndpoint: empty(languageAccountName) ? '' : language!.outputs.endpoint
    cdnUrl: enableCdn ? cdn!.outputs.url : ''
    cdnEndpointId: enableCdn ? cdn!.outputs.endpointId : ''
    otherSettings: otherSettings
  }
}

module alerts 'modules/alerts.bicep' = {
  params: {
    suffix: suffix
    location: location
    tags: allTags
    emails: alertEmails
    workspaceId: monitoring.outputs.workspaceId
    componentId: monitoring.outputs.componentId
    databaseId: sql.outputs.databaseId
    topicId: events.outputs.topicId
    availabilityPercent: availabilityPercent
    latencyMs: latencyMs
    logFrequency: alertFrequency
    availabilityTest: availabilityTest
    apiUrl: function.outputs.url
    monthlyBudget: monthlyBudget
    budgetStart: budgetStart
  }
}

module workbook 'modules/workbook.bicep' = {
  params: {
    location: location
    tags: allTags
    workspaceId: monitoring.outputs.workspaceId
    title: 'Pravis (${environmentName})'
  }
}

@description('Region.')
output AZURE_LOCATION string = location

@description('Tenant whose identities come in.')
output AZURE_TENANT_ID string = tenant().tenantId

@description('Resource group.')
output AZURE_RESOURCE_GROUP string = resourceGroup().name

@description('Name of the vault.')
output AZURE_KEY_VAULT_NAME string = vault.outputs.name

@description('Address of the vault.')
output AZURE_KEY_VAULT_ENDPOINT string = vault.outputs.uri

@description('Name of the Functions app: the package goes there.')
output SERVICE_API_NAME string = function.outputs.name

@description('Address of the API.')
output SERVICE_API_URL string = empty(publicUrl) ? function.outputs.url : publicUrl

@description('Name of the program\'s identity, for `pravis migrate --grant-identity`.')
output SERVICE_API_IDENTITY_NAME string = identity.outputs.name

@description('Client id of the program\'s identity, for the same. Not AZURE_CLIENT_ID: a hook that found it would log in as the program.')
output SERVICE_API_IDENTITY_CLIENT_ID string = identity.outputs.clientId

@description('Storage account that holds the shop\'s blobs and queues.')
output STORAGE_ACCOUNT_NAME string = storage.outputs.dataAccountName

@description('Storage account of the Functions host.')
output HOST_STORAGE_ACCOUNT_NAME string = storage.outputs.hostAccountName

@description('Where the package is kept; `premium` reads pravis.zip from there.')
output PACKAGE_CONTAINER_URL string = storage.outputs.packageContainerUrl

@description('Host name of the database server.')
output SQL_SERVER_FQDN string = sql.outputs.fullyQualifiedDomainName

@description('Name of the database.')
output SQL_DATABASE string = sql.outputs.databaseName

@description('What `pravis migrate` is told, with PRAVIS_SQL: which kind of database.')
output PRAVIS_STORE string = 'azure_sql'

@description('And where. It holds no secret: whoever migrates has logged in.')
output PRAVIS_SQL string = sql.outputs.connectionString

@description('Where facts of interactions are sent.')
output LOGS_ENDPOINT string = monitoring.outputs.logsEndpoint

@description('Log Analytics workspace.')
output LOG_ANALYTICS_WORKSPACE_ID string = monitoring.outputs.workspaceId

@description('Address that photos are delivered from; empty without a CDN.')
output CDN_URL string = enableCdn ? cdn!.outputs.url : ''
