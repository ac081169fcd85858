metadata description = 'The workbook: what the owner, the analyst and the operator look at, in three tabs.'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Log Analytics workspace that it asks.')
param workspaceId string

@description('Title, as the portal lists it.')
param title string = 'Pravis'

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: title
    category: 'workbook'
    version: 'Notebook/1.0'
    sourceId: workspaceId
    serializedData: replace(loadTextContent('../workbook.json'), '<workspace>', workspaceId)
  }
}

@description('Resource id.')
output id string = workbook.id
