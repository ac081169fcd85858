// A place to try things: next to nothing is paid while nobody uses it.
//   az deployment group create -g rg-pravis-dev -f infra/main.bicep -p infra/main.dev.bicepparam
using './main.bicep'

param environmentName = 'dev'

param sqlAdminName = readEnvironmentVariable('SQL_ADMIN_NAME')
param sqlAdminObjectId = readEnvironmentVariable('SQL_ADMIN_OBJECT_ID')
param sqlAdminType = readEnvironmentVariable('SQL_ADMIN_TYPE', 'Group')

param sqlTier = 'free'
param sqlBackupRedundancy = 'Local'
param storageRedundancy = 'Standard_LRS'
param logDailyQuotaGB = 1
param retentionDays = 90
param voiceRetentionDays = 30
param alertEmails = filter(split(readEnvironmentVariable('ALERT_EMAILS', ''), ','), email => !empty(email))
