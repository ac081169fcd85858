metadata description = 'Where telemetry goes: a workspace, Application Insights on it, the table of interaction facts with the way into it, and saved queries.'

import { roles } from 'roles.bicep'

@description('Part of the names that makes them unique.')
param suffix string

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Object id of the program\'s identity.')
param principalId string

@description('Gigabytes a day after which nothing more is taken until the next day, alerts included; -1: any amount.')
@minValue(-1)
param dailyQuotaGB int = 5

@description('Days for which facts of interactions are kept in all; the first 90 can be queried at once, the rest by a search job.')
@minValue(90)
@maxValue(4383)
param factsRetentionDays int = 730

@description('Days for which the audit logs of database and vault are kept.')
@minValue(90)
@maxValue(730)
param auditRetentionDays int = 365

// Tables of Application Insights keep 90 days at no extra price; lines of logs are needed for less.
var retention = [
  { table: 'AppRequests', days: 90 }
  { table: 'AppDependencies', days: 90 }
  { table: 'AppExceptions', days: 90 }
  { table: 'AppMetrics', days: 90 }
  { table: 'AppTraces', days: 30 }
  { table: 'AzureDiagnostics', days: auditRetentionDays }
]

var factsTable = 'PravisInteractions_CL'
var factsStream = 'Custom-PravisInteractions'

// The columns of the stream, as handlers/pravis/src/telemetry/facts/columns.rs declares them; a test compares the two.
var columns = [
  { name: 'TimeGenerated', type: 'datetime' }
  { name: 'StartedAt', type: 'datetime' }
  { name: 'InteractionHash', type: 'string' }
  { name: 'SessionHash', type: 'string' }
  { name: 'UserHash', type: 'string' }
  { name: 'InteractionType', type: 'string' }
  { name: 'Channel', type: 'string' }
  { name: 'Locale', type: 'string' }
  { name: 'Provider', type: 'string' }
  { name: 'Model', type: 'string' }
  { name: 'ModelVersion', type: 'string' }
  { name: 'Deployment', type: 'string' }
  { name: 'PromptName', type: 'string' }
  { name: 'PromptVersion', type: 'string' }
  { name: 'Status', type: 'string' }
  { name: 'ErrorType', type: 'string' }
  { name: 'DurationMs', type: 'real' }
  { name: 'TimeToFirstTokenMs', type: 'real' }
  { name: 'TokensInput', type: 'long' }
  { name: 'TokensOutput', type: 'long' }
  { name: 'TokensCached', type: 'long' }
  { name: 'AudioSeconds', type: 'real' }
  { name: 'Characters', type: 'long' }
  { name: 'Images', type: 'long' }
  { name: 'CostMicros', type: 'long' }
  { name: 'Rating', type: 'int' }
]

var queries = [
  { name: 'slow-operations', title: 'Slow operations', text: loadTextContent('../queries/slow-operations.kql') }
  { name: 'error-rate', title: 'Error rate', text: loadTextContent('../queries/error-rate.kql') }
  { name: 'function-latency', title: 'Latency of each function', text: loadTextContent('../queries/function-latency.kql') }
  { name: 'cold-starts', title: 'Cold starts', text: loadTextContent('../queries/cold-starts.kql') }
  { name: 'spill', title: 'Spill: writes that waited for the database', text: loadTextContent('../queries/spill.kql') }
  { name: 'cost-by-model', title: 'Cost by model', text: loadTextContent('../queries/cost-by-model.kql') }
  { name: 'ingest-lag', title: 'Lag of interaction facts', text: loadTextContent('../queries/ingest-lag.kql') }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: 'log-${suffix}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
    workspaceCapping: { dailyQuotaGb: dailyQuotaGB }
    features: {
      disableLocalAuth: true
      enableLogAccessUsingOnlyResourcePermissions: true
    }
  }
}

resource component 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${suffix}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    DisableLocalAuth: true
    IngestionMode: 'LogAnalytics'
    WorkspaceResourceId: workspace.id
  }
}

// One after the other: the workspace takes one change of its tables at a time.
@batchSize(1)
resource tables 'Microsoft.OperationalInsights/workspaces/tables@2025-07-01' = [
  for kept in retention: {
    parent: workspace
    name: kept.table
    dependsOn: [component]
    properties: {
      plan: 'Analytics'
      retentionInDays: kept.days
      totalRetentionInDays: kept.days
    }
  }
]

resource facts 'Microsoft.OperationalInsights/workspaces/tables@2025-07-01' = {
  parent: workspace
  name: factsTable
  dependsOn: [tables]
  properties: {
    plan: 'Analytics'
    retentionInDays: 90
    totalRetentionInDays: factsRetentionDays
    schema: {
      name: factsTable
      description: 'A row for each turn that finished: how long, how dear, how good; ids as keyed hashes, never a text.'
      // A table writes the type of a time in its own way.
      columns: map(columns, column => { name: column.name, type: column.type == 'datetime' ? 'dateTime' : column.type })
    }
  }
}

// `Direct`: the rule has an address of its own to send to. That cannot be added to a rule later.
resource rule 'Microsoft.Insights/dataCollectionRules@2024-03-11' = {
  name: 'dcr-${suffix}'
  location: location
  tags: tags
  kind: 'Direct'
  dependsOn: [facts]
  properties: {
    description: 'Takes the facts of finished turns.'
    streamDeclarations: {
      '${factsStream}': { columns: columns }
    }
    destinations: {
      logAnalytics: [{ name: 'workspace', workspaceResourceId: workspace.id }]
    }
    dataFlows: [
      {
        streams: [factsStream]
        destinations: ['workspace']
        transformKql: 'source'
        outputStream: 'Custom-${factsTable}'
      }
    ]
  }
}

// Without the etag a search that exists is not overwritten. The service reads it here, and not where its type has it.
resource savedQueries 'Microsoft.OperationalInsights/workspaces/savedSearches@2025-07-01' = [
  for query in queries: {
    parent: workspace
    name: 'pravis-${query.name}'
    properties: {
      #disable-next-line BCP037
      etag: '*'
      category: 'Pravis'
      displayName: query.title
      query: query.text
      version: 2
    }
  }
]

resource sendsTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(component.id, principalId, roles.monitoringMetricsPublisher)
  scope: component
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.monitoringMetricsPublisher)
  }
}

resource sendsFacts 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(rule.id, principalId, roles.monitoringMetricsPublisher)
  scope: rule
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.monitoringMetricsPublisher)
  }
}

@description('Resource id of the workspace.')
output workspaceId string = workspace.id

@description('Resource id of the Application Insights component.')
output componentId string = component.id

@description('Connection string of the component. Nobody gets in with it alone: local authentication is off.')
output connectionString string = component.properties.ConnectionString

@description('Where facts are sent.')
output logsEndpoint string = rule.properties.endpoints.logsIngestion

@description('Immutable id of the rule that takes them.')
output logsRuleId string = rule.properties.immutableId
