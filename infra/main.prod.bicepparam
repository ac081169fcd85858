// The shop itself. What is not said here has the default of main.bicep.
//   az deployment group create -g rg-pravis-prod -f infra/main.bicep -p infra/main.prod.bicepparam
using './main.bicep'

param environmentName = 'prod'

param sqlAdminName = readEnvironmentVariable('SQL_ADMIN_NAME')
param sqlAdminObjectId = readEnvironmentVariable('SQL_ADMIN_OBJECT_ID')
param sqlAdminType = readEnvironmentVariable('SQL_ADMIN_TYPE', 'Group')

param sqlTier = 'serverless'
param sqlVCores = 2
param sqlMaxSizeGB = 128
param sqlBackupDays = 35
param sqlThreatDetection = true
param storageRedundancy = 'Standard_ZRS'

param publicUrl = readEnvironmentVariable('PUBLIC_URL', '')
param timeZone = readEnvironmentVariable('SHOP_TIME_ZONE', 'UTC')
param retentionDays = 730
param voiceRetentionDays = 90

param enableCdn = true
// With `true` the workflow that migrates has to run on a machine inside the network.
param privateNetworking = false

param alertEmails = filter(split(readEnvironmentVariable('ALERT_EMAILS', ''), ','), email => !empty(email))
param alertFrequency = 'PT5M'
param logDailyQuotaGB = 20
param monthlyBudget = 300
// The first day of the month of the first deployment, then never changed.
param budgetStart = readEnvironmentVariable('BUDGET_START', '')
