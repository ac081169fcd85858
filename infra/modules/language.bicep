metadata description = 'Lets the program have the tone of comments refined by an Azure AI Language account that is there already.'

import { roles } from 'roles.bicep'

@description('Name of the account, in this resource group; it has a name of its own in its address.')
param accountName string

@description('Object id of the program\'s identity.')
param principalId string

resource account 'Microsoft.CognitiveServices/accounts@2026-05-01' existing = {
  name: accountName
}

resource analyses 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, principalId, roles.cognitiveServicesLanguageReader)
  scope: account
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.cognitiveServicesLanguageReader)
  }
}

@description('Address of the account.')
output endpoint string = account.properties.endpoint
