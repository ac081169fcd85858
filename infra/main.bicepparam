// For `azd`, which gives what its environment knows. `azd env set NAME value` sets the rest.
using './main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')

// Whoever runs azd administers the database, and so can migrate it; or another one who is named. In a pipeline it is an `Application`.
var deployer = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
var admin = readEnvironmentVariable('SQL_ADMIN_OBJECT_ID', '')
param sqlAdminObjectId = empty(admin) ? deployer : admin
param sqlAdminName = readEnvironmentVariable('SQL_ADMIN_NAME', 'pravis-deployer')
param sqlAdminType = readEnvironmentVariable('SQL_ADMIN_TYPE', 'User')

// The address that azd runs at, if it is not one of Azure's own: `azd env set MY_IP "$(curl -s https://api.ipify.org)"`.
var myAddress = readEnvironmentVariable('MY_IP', '')
param sqlAllowedAddresses = empty(myAddress) ? [] : [{ name: 'deployer', start: myAddress, end: myAddress }]

param sqlTier = readEnvironmentVariable('SQL_TIER', 'serverless')
param timeZone = readEnvironmentVariable('SHOP_TIME_ZONE', 'UTC')
param alertEmails = filter(split(readEnvironmentVariable('ALERT_EMAILS', ''), ','), email => !empty(email))
param enableCdn = bool(readEnvironmentVariable('ENABLE_CDN', 'false'))
