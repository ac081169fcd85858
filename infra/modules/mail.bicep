metadata description = 'Lets the program send reports by Azure Communication Services that are there already, with a domain that mails may come from.'

import { roles } from 'roles.bicep'

@description('Name of the resource, in this resource group.')
param serviceName string

@description('Object id of the program\'s identity.')
param principalId string

resource service 'Microsoft.Communication/communicationServices@2025-09-01' existing = {
  name: serviceName
}

resource sendsMail 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(service.id, principalId, roles.communicationAndEmailServiceOwner)
  scope: service
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.communicationAndEmailServiceOwner)
  }
}

@description('Address of the resource.')
output endpoint string = 'https://${service.properties.hostName}'
