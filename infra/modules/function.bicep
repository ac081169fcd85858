metadata description = 'The Functions app: its plan, the app, and every setting of host and program.'

import { secretNames } from 'vault.bicep'

@description('Part of the names that makes them unique.')
param suffix string

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('`flex` scales to zero; `premium` (EP1) always has an instance, and is for regions and rules that know no Flex Consumption.')
@allowed(['flex', 'premium'])
param plan string = 'flex'

@description('Memory of an instance of `flex`.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Instances at most: 40 to 1000 of `flex`; of `premium`, no more than 20 are used.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Instances of `flex` that always wait for requests, and are paid for: none means a cold start after a quiet time.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = 0

@description('Requests that an instance of `flex` takes at once before another is started.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int = 100

@description('Subnet that the app goes out by; empty: none.')
param subnetId string = ''

@description('Resource id of the program\'s identity.')
param identityId string

@description('Client id of the program\'s identity.')
param identityClientId string

@description('Storage account of the Functions host.')
param hostAccountName string

@description('URL of the container that the package is kept in.')
param packageContainerUrl string

@description('Where the shop\'s blobs are.')
param blobEndpoint string

@description('Where the shop\'s queues are.')
param queueEndpoint string

@description('Connection string of the database. It holds no secret.')
param sqlConnectionString string

@description('Whether numbers and exports are read from a replica.')
param sqlReadReplica bool = false

@description('Address of the Key Vault.')
param vaultUri string

@description('Connection string of Application Insights.')
param applicationInsightsConnectionString string

@description('Where facts of interactions are sent.')
param logsEndpoint string

@description('Immutable id of the rule that takes them.')
param logsRuleId string

@description('Address that clients see, such as https://api.shop.example; empty: that of the app itself.')
param publicUrl string = ''

@description('IANA name of the shop\'s time zone.')
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

@description('Who gets reports by mail: addresses between commas; empty: nobody.')
param reportRecipients string = ''

@description('Sender of these mails.')
param mailFrom string = ''

@description('Azure Communication Services that send them; empty: none.')
param communicationEndpoint string = ''

@description('Whether the vault holds a mail server instead.')
param useSmtp bool = false

@description('Whether the vault holds webhooks that are told of reports.')
param useWebhooks bool = false

@description('Azure AI Language that refines the tone of comments; empty: none, and comments stay in the program.')
param languageEndpoint string = ''

@description('CDN that photos are delivered from; empty: none.')
param cdnUrl string = ''

@description('Resource id of its endpoint, from which removed photos are purged.')
param cdnEndpointId string = ''

@description('Settings of the program whose defaults do not fit, by name, such as { PRAVIS_REPORT_HOUR: \'7\' }.')
param otherSettings object = {}

var isFlex = plan == 'flex'

// What host and program need in every deployment. All other settings of the program have defaults that fit.
var settings = {
  AzureWebJobsStorage__accountName: hostAccountName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  PravisStorage__queueServiceUri: queueEndpoint
  PravisStorage__credential: 'managedidentity'
  PravisStorage__clientId: identityClientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  AZURE_CLIENT_ID: identityClientId
  PRAVIS_STORE: 'azure_sql'
  PRAVIS_SQL: sqlConnectionString
  PRAVIS_STORAGE: blobEndpoint
  PRAVIS_KEY_VAULT_URL: vaultUri
  PRAVIS_HASH_KEY: 'kv:${secretNames.hashKey}'
  PRAVIS_LOGS_ENDPOINT: logsEndpoint
  PRAVIS_LOGS_RULE_ID: logsRuleId
  PRAVIS_PUBLIC_URL: empty(publicUrl) ? 'https://${app.properties.defaultHostName}' : publicUrl
  PRAVIS_TIME_ZONE: timeZone
  PRAVIS_RETENTION_SCHEDULE: '0 30 3 * * *'
  PRAVIS_SWEEP_SPILL_SCHEDULE: '0 45 3 * * *'
  PRAVIS_DAILY_REPORT_SCHEDULE: '0 5 * * * *'
  PRAVIS_WEEKLY_REPORT_SCHEDULE: '0 6 * * * *'
  PRAVIS_MONTHLY_REPORT_SCHEDULE: '0 7 * * * *'
}

// What the shop has chosen; an empty one is not set at all.
var optionalSettings = {
  PRAVIS_SQL_READ_REPLICA: sqlReadReplica ? 'true' : ''
  PRAVIS_RETENTION_DAYS: retentionDays > 0 ? string(retentionDays) : ''
  PRAVIS_RETENTION_EVENT_DAYS: eventRetentionDays > 0 ? string(eventRetentionDays) : ''
  PRAVIS_RETENTION_VOICE_DAYS: voiceRetentionDays > 0 ? string(voiceRetentionDays) : ''
  PRAVIS_REPORT_RECIPIENTS: reportRecipients
  PRAVIS_MAIL_FROM: mailFrom
  PRAVIS_ACS_ENDPOINT: communicationEndpoint
  PRAVIS_SMTP: useSmtp ? 'kv:${secretNames.smtp}' : ''
  PRAVIS_WEBHOOKS: useWebhooks ? 'kv:${secretNames.webhooks}' : ''
  PRAVIS_LANGUAGE_ENDPOINT: languageEndpoint
  PRAVIS_CDN_URL: cdnUrl
  PRAVIS_CDN_ENDPOINT_ID: cdnEndpointId
}

// Flex Consumption knows these by itself, and refuses to be told. Premium runs the package from its URL, as the identity:
// a share of Azure Files would ask for the key of the account.
var premiumSettings = {
  FUNCTIONS_EXTENSION_VERSION: '~4'
  FUNCTIONS_WORKER_RUNTIME: 'custom'
  WEBSITE_RUN_FROM_PACKAGE: '${packageContainerUrl}/pravis.zip'
  WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID: identityId
}

var chosenSettings = toObject(
  filter(items(optionalSettings), setting => !empty(setting.value)),
  setting => setting.key,
  setting => setting.value
)

resource farm 'Microsoft.Web/serverfarms@2024-11-01' = {
  // checkov:skip=CKV_AZURE_225: zones need three instances that are always paid for
  name: 'plan-${suffix}'
  location: location
  tags: tags
  kind: isFlex ? 'functionapp' : 'elastic'
  sku: isFlex ? { name: 'FC1', tier: 'FlexConsumption' } : { name: 'EP1', tier: 'ElasticPremium', family: 'EP' }
  properties: {
    reserved: true
    maximumElasticWorkerCount: isFlex ? null : min(maximumInstanceCount, 20)
  }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  // checkov:skip=CKV_AZURE_212: scaling to zero is the point of the plan; who wants a floor sets alwaysReadyInstances
  // checkov:skip=CKV_AZURE_17: callers prove who they are with a key of the program; browsers have no certificates
  // checkov:skip=CKV_AZURE_222: the API is public, and checks every caller itself
  // checkov:skip=CKV_AZURE_213: Flex Consumption has no health check; an instance that does not answer is replaced by the platform
  name: 'func-${suffix}'
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: farm.id
    httpsOnly: true
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: !isFlex ? null : {
      runtime: { name: 'custom', version: '1.0' }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: max(maximumInstanceCount, 40)
        alwaysReady: alwaysReadyInstances > 0 ? [{ name: 'http', instanceCount: alwaysReadyInstances }] : []
        triggers: { http: { perInstanceConcurrency: httpConcurrency } }
      }
    }
    siteConfig: {
      ftpsState: 'Disabled'
      http20Enabled: true
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      vnetRouteAllEnabled: isFlex || empty(subnetId) ? null : true
      // Behind a network only the host itself sees how long the queues are.
      functionsRuntimeScaleMonitoringEnabled: isFlex || empty(subnetId) ? null : true
    }
  }
}

// The whole list, so that nothing is left of what somebody set by hand: a plain AzureWebJobsStorage would win over the identity.
resource appSettings 'Microsoft.Web/sites/config@2024-11-01' = {
  // checkov:skip=CKV_AZURE_13: asks for a property of config `web`, this is `appsettings`; callers prove who they are with a key of the program
  // checkov:skip=CKV_AZURE_63: asks for a property of config `web`; requests are told to Application Insights
  // checkov:skip=CKV_AZURE_65: asks for a property of config `web`, of Windows
  // checkov:skip=CKV_AZURE_66: asks for a property of config `web`, of Windows
  // checkov:skip=CKV_AZURE_80: asks for a property of config `web`; there is no .NET
  // checkov:skip=CKV_AZURE_88: asks for a share of Azure Files, which would need the key of an account
  // checkov:skip=CKV_AZURE_222: asks for a property of config `web`; the API is public, and checks every caller itself
  parent: app
  name: 'appsettings'
  properties: union(settings, chosenSettings, isFlex ? {} : premiumSettings, otherSettings)
}

// Packages come with a token of Entra, never with the app's own user and password.
resource noBasicFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource noBasicScm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

@description('Name of the app.')
output name string = app.name

@description('Resource id of the app.')
output id string = app.id

@description('Address of the app.')
output url string = 'https://${app.properties.defaultHostName}'
