metadata description = 'Who is told, and when: requests, waiting writes, what was given up, database, money.'

@description('Part of the names that makes them unique.')
param suffix string

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Mail addresses that are told; none: alerts show in the portal only.')
param emails array = []

@description('Log Analytics workspace that is asked.')
param workspaceId string

@description('Application Insights component, which the availability test belongs to.')
param componentId string

@description('Database that is watched.')
param databaseId string

@description('Event Grid topic that is watched.')
param topicId string

@description('Percent of requests below which the API counts as not available.')
@minValue(50)
@maxValue(100)
param availabilityPercent int = 99

@description('Milliseconds above which the 95th percentile of requests is too slow.')
@minValue(100)
param latencyMs int = 3000

@description('Minutes after which spilled writes have waited too long. A paused database needs one or two.')
@minValue(5)
param spillMinutes int = 15

@description('How often logs are asked. Every five minutes costs three times as much as every fifteen.')
@allowed(['PT5M', 'PT15M'])
param logFrequency string = 'PT15M'

@description('Whether the API is asked from outside every five minutes. That keeps an app awake that would scale to zero.')
param availabilityTest bool = false

@description('Address of the API, for that test.')
param apiUrl string

@description('Amount that the resource group may cost a month, in the currency of the subscription.')
@minValue(1)
param monthlyBudget int = 100

@description('First day of the month in which the budget is made, such as 2026-12-01; empty: no budget. It must stay as it is: Azure takes no other.')
param budgetStart string = ''

// Questions about the last 15 minutes. `dimension`: an alert for each of its values.
var logRules = [
  {
    name: 'availability'
    title: 'Requests are answered with errors'
    severity: 1
    query: loadTextContent('../alerts/availability.kql')
    column: 'AvailablePercent'
    operator: 'LessThan'
    threshold: availabilityPercent
    dimension: ''
  }
  {
    name: 'latency'
    title: 'Requests take too long'
    severity: 2
    query: loadTextContent('../alerts/latency.kql')
    column: 'P95Ms'
    operator: 'GreaterThan'
    threshold: latencyMs
    dimension: ''
  }
  {
    name: 'failures'
    title: 'An operation or trigger fails again and again'
    severity: 2
    query: loadTextContent('../alerts/failures.kql')
    column: 'Failed'
    operator: 'GreaterThanOrEqual'
    threshold: 5
    dimension: 'Operation'
  }
  {
    name: 'spill-age'
    title: 'Writes wait too long for the database'
    severity: 1
    query: loadTextContent('../alerts/spill-age.kql')
    column: 'OldestMinutes'
    operator: 'GreaterThan'
    threshold: spillMinutes
    dimension: ''
  }
  {
    name: 'given-up'
    title: 'A message, a spilled write, an upload or a report was given up'
    severity: 2
    query: loadTextContent('../alerts/given-up.kql')
    column: 'Times'
    operator: 'GreaterThan'
    threshold: 0
    dimension: 'Event'
  }
]

// Numbers that the platform itself tells.
var metricRules = [
  {
    name: 'sql-cpu'
    title: 'The database is busy: more than 80 % of its cores for a quarter of an hour'
    severity: 2
    scope: databaseId
    namespace: 'Microsoft.Sql/servers/databases'
    metric: 'cpu_percent'
    aggregation: 'Average'
    threshold: 80
  }
  {
    name: 'sql-size'
    title: 'The database is nearly full: more than 80 % of its largest size'
    severity: 2
    scope: databaseId
    namespace: 'Microsoft.Sql/servers/databases'
    metric: 'storage_percent'
    aggregation: 'Maximum'
    threshold: 80
  }
  {
    name: 'undelivered-events'
    title: 'Event Grid could not tell of an upload'
    severity: 2
    scope: topicId
    namespace: 'Microsoft.EventGrid/systemTopics'
    metric: 'DeadLetteredCount'
    aggregation: 'Total'
    threshold: 0
  }
]

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'pravis'
    emailReceivers: [
      for (email, index) in emails: {
        name: 'mail-${index}'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource logAlerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in logRules: {
    name: 'alert-${rule.name}-${suffix}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Pravis: ${rule.title}'
      description: 'docs/monitoring-guide.md says what to do.'
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: logFrequency
      windowSize: 'PT15M'
      autoMitigate: true
      // A table has no columns before its first row came.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            metricMeasureColumn: rule.column
            timeAggregation: rule.operator == 'LessThan' ? 'Minimum' : 'Maximum'
            operator: rule.operator
            threshold: rule.threshold
            dimensions: empty(rule.dimension) ? [] : [{ name: rule.dimension, operator: 'Include', values: ['*'] }]
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [operators.id] }
    }
  }
]

resource metricAlerts 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for rule in metricRules: {
    name: 'alert-${rule.name}-${suffix}'
    location: 'global'
    tags: tags
    properties: {
      description: rule.title
      severity: rule.severity
      enabled: true
      scopes: [rule.scope]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: 'value'
            metricNamespace: rule.namespace
            metricName: rule.metric
            timeAggregation: rule.aggregation
            operator: 'GreaterThan'
            threshold: rule.threshold
            // Not every tier of the database has every number.
            skipMetricValidation: true
          }
        ]
      }
      actions: [{ actionGroupId: operators.id }]
    }
  }
]

resource test 'Microsoft.Insights/webtests@2022-06-15' = if (availabilityTest) {
  name: 'test-${suffix}'
  location: location
  // This tag is what ties the test to its component.
  tags: union(tags, { 'hidden-link:${componentId}': 'Resource' })
  kind: 'standard'
  properties: {
    SyntheticMonitorId: 'test-${suffix}'
    Name: 'Pravis: the API answers'
    Kind: 'standard'
    Enabled: true
    Frequency: 300
    Timeout: 30
    RetryEnabled: true
    Locations: [
      { Id: 'emea-nl-ams-azr' }
      { Id: 'emea-gb-db3-azr' }
      { Id: 'us-va-ash-azr' }
    ]
    Request: {
      HttpVerb: 'GET'
      RequestUrl: '${apiUrl}/api/health/live'
      ParseDependentRequests: false
    }
    ValidationRules: {
      ExpectedHttpStatusCode: 200
      SSLCheck: true
      SSLCertRemainingLifetimeCheck: 7
    }
  }
}

resource testAlert 'Microsoft.Insights/metricAlerts@2018-03-01' = if (availabilityTest) {
  name: 'alert-unreachable-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'The API cannot be reached from two places or more'
    severity: 0
    enabled: true
    scopes: [test.id, componentId]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: test.id
      componentId: componentId
      failedLocationCount: 2
    }
    actions: [{ actionGroupId: operators.id }]
  }
}

resource budget 'Microsoft.Consumption/budgets@2024-08-01' = if (!empty(budgetStart)) {
  name: 'budget-${suffix}'
  properties: {
    category: 'Cost'
    amount: monthlyBudget
    timeGrain: 'Monthly'
    timePeriod: { startDate: budgetStart }
    notifications: {
      nearlySpent: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: emails
        contactGroups: [operators.id]
      }
      willBeOverspent: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: emails
        contactGroups: [operators.id]
      }
    }
  }
}

@description('Resource id of the group of those who are told.')
output actionGroupId string = operators.id
