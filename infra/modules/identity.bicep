metadata description = 'Who the program is. A user-assigned identity has its roles, and its user in the database, before the app first starts.'

@description('Name of the identity. The database knows it by this name.')
param name string

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('Resource id, by which an app gets the identity.')
output id string = identity.id

@description('Name, by which the database knows it.')
output name string = identity.name

@description('Client id: tokens are asked for by it, and the SID in the database is made of it.')
output clientId string = identity.properties.clientId

@description('Object id, to which roles are assigned.')
output principalId string = identity.properties.principalId
