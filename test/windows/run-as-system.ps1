# Runs node with the given arguments as SYSTEM, in a scheduled task, and ends with its exit code.
# Usage: run-as-system.ps1 SCRIPT ARGUMENT...
$ErrorActionPreference = 'Stop'
$node = (Get-Command node).Source
$task = "silostat-test-$PID"
$quoted = $args | ForEach-Object { '"' + $_ + '"' }
$action = New-ScheduledTaskAction -Execute $node -Argument ($quoted -join ' ') -WorkingDirectory (Get-Location).Path
$principal = New-ScheduledTaskPrincipal -UserId 'SYSTEM' -RunLevel Highest
Register-ScheduledTask -TaskName $task -Action $action -Principal $principal | Out-Null
try {
  Start-ScheduledTask -TaskName $task
  $deadline = (Get-Date).AddMinutes(5)
  do {
    Start-Sleep -Seconds 1
    if ((Get-Date) -gt $deadline) { throw "the task did not end in time" }
    $result = (Get-ScheduledTaskInfo -TaskName $task).LastTaskResult
    # 267009 is "is running", 267011 "has not yet run".
  } while ((Get-ScheduledTask -TaskName $task).State -eq 'Running' -or $result -eq 267009 -or $result -eq 267011)
} finally {
  Stop-ScheduledTask -TaskName $task -ErrorAction SilentlyContinue
  Unregister-ScheduledTask -TaskName $task -Confirm:$false
}
exit $result
