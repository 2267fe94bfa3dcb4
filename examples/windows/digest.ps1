# Sends the morning report to a chat robot. Its URL is in wecom.url, dingtalk.url or
# feishu.url in the current folder.
param(
  [ValidateSet('wecom', 'dingtalk', 'feishu')] [string]$Robot = 'wecom',
  # Asks the platform first, which takes up to two minutes: for an exporter that no
  # Prometheus scrapes.
  [switch]$Scrape
)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
# Windows Server 2016 would begin with an older version, which robots refuse.
[Net.ServicePointManager]::SecurityProtocol = 'Tls12'

$exporter = 'http://localhost:10460'
if ($Scrape) {
  Invoke-WebRequest -UseBasicParsing "$exporter/metrics?name[]=simcard_up" -Headers @{ 'X-Prometheus-Scrape-Timeout-Seconds' = '120' } -TimeoutSec 150 | Out-Null
}
# By way of a file, which keeps the Chinese text as it is.
Invoke-WebRequest -UseBasicParsing "$exporter/digest?for=$Robot" -OutFile 'digest.json'
$answer = Invoke-RestMethod -Method Post -ContentType 'application/json' -InFile 'digest.json' -Uri (Get-Content "$Robot.url" -TotalCount 1)
# A robot refuses a message with status 200, too.
if ($answer.errcode -or $answer.code) { throw "$Robot has refused the report: $($answer | ConvertTo-Json -Compress)" }
