metadata description = 'Built-in roles by name, so that a role assignment reads like a sentence. Declares nothing to deploy.'

@export()
@description('Ids of the built-in role definitions that are assigned here, each for what is done with it.')
var roles = {
  communicationAndEmailServiceOwner: '09976791-48a7-449e-bb21-39d1a415f350' // sends mail; there is no smaller one
  cognitiveServicesLanguageReader: '7628b7b8-a8b2-4cdc-b46f-e9b35248918e' // has texts analysed
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6' // reads secrets
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb' // sends telemetry
  storageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe' // reads, writes, deletes; signs grants of its own
  storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // what the Functions host asks for
  storageBlobDataReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1' // reads
  storageQueueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88' // sends, receives, deletes
  storageQueueDataMessageSender: 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a' // sends only
  storageTableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // diagnostic events of the Functions host
}
