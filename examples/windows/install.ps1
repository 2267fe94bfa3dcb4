# Has Windows run the exporter from boot on, and send the morning report. Change it as
# README.md says, and run it as administrator, again after each change:
#
#   powershell -NoProfile -ExecutionPolicy Bypass -File install.ps1

# Where simcard.yml and the card files are.
param([string]$Folder = 'C:\simcard')
$ErrorActionPreference = 'Stop'

# Relative paths are in $Folder.
$arguments = '--config.file=simcard.yml --config.enable-auto-reload --persistence.file=answers'
$program = (Resolve-Path "$PSScriptRoot\..\..\simcard_exporter.exe").Path

& $program '--config.check' "--config.file=$Folder\simcard.yml"
if ($LASTEXITCODE) { throw "$Folder\simcard.yml has mistakes" }

# One that runs already would go on with the arguments that it was started with.
Stop-ScheduledTask -TaskName 'simcard_exporter' -ErrorAction SilentlyContinue
Get-Process -Name 'simcard_exporter' -ErrorAction SilentlyContinue | ForEach-Object { Stop-Process $_ -Force; $_.WaitForExit(10000) | Out-Null }

# An account that may do little on this machine. It writes answers and log into $Folder;
# S-1-5-19 is its name in every language.
$account = New-ScheduledTaskPrincipal -UserId 'LOCALSERVICE' -LogonType ServiceAccount
icacls $Folder /grant '*S-1-5-19:(OI)(CI)M' | Out-Null

# Windows does not restart a program that has ended, so the second trigger starts it
# every five minutes, which is ignored while it runs. Without the other settings,
# Windows would end it after three days, and when a notebook is unplugged.
$triggers = (New-ScheduledTaskTrigger -AtStartup), (New-ScheduledTaskTrigger -Once -At '00:00' -RepetitionInterval (New-TimeSpan -Minutes 5))
$settings = New-ScheduledTaskSettingsSet -MultipleInstances IgnoreNew -ExecutionTimeLimit ([TimeSpan]::Zero) -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries
$action = New-ScheduledTaskAction -Execute 'cmd.exe' -WorkingDirectory $Folder -Argument ('/c ""{0}" {1} 2>>exporter.log"' -f $program, $arguments)
Register-ScheduledTask -Force -TaskName 'simcard_exporter' -Action $action -Trigger $triggers -Principal $account -Settings $settings | Out-Null
Start-ScheduledTask -TaskName 'simcard_exporter'

# A report to each robot whose URL is in $Folder. Not at a full or a half hour, when
# Feishu is busy. Without Prometheus, add " -Scrape" behind {1}.
foreach ($robot in 'wecom', 'dingtalk', 'feishu') {
  if (-not (Test-Path "$Folder\$robot.url")) { continue }
  $action = New-ScheduledTaskAction -Execute 'powershell.exe' -WorkingDirectory $Folder -Argument ('-NoProfile -ExecutionPolicy Bypass -File "{0}\digest.ps1" {1}' -f $PSScriptRoot, $robot)
  $trigger = New-ScheduledTaskTrigger -Daily -At '08:35'
  $settings = New-ScheduledTaskSettingsSet -StartWhenAvailable -AllowStartIfOnBatteries
  Register-ScheduledTask -Force -TaskName "simcard_digest_$robot" -Action $action -Trigger $trigger -Principal $account -Settings $settings | Out-Null
}
