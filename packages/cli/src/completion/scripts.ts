export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof shells)[number];

export function isShell(name: string): name is Shell {
  return (shells as readonly string[]).includes(name);
}

/**
 * What each shell loads. All of them ask the program itself: `silostat __complete -- WORD... =CURRENT`. The sign before the last word
 * keeps it an argument where it is empty, which some shells would drop.
 */
export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: `# silostat completion for bash: eval "$(silostat completion bash)"
_silostat() {
  local IFS=$'\\n'
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD-1}")
  COMPREPLY=($("\${COMP_WORDS[0]}" __complete --plain -- "\${words[@]}" "=\${COMP_WORDS[COMP_CWORD]}" 2>/dev/null))
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace
}
complete -o default -F _silostat silostat
`,
  zsh: `#compdef silostat
# silostat completion for zsh: source <(silostat completion zsh), or a file _silostat in a folder of $fpath
_silostat() {
  local line
  local -a values
  for line in "\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT-1]}" "=\${words[CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && values+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( \${#values} )); then
    _describe -t silostat silostat values
  else
    _files
  fi
}
if [[ \${funcstack[1]} == _silostat ]]; then _silostat "$@"; else compdef _silostat silostat; fi
`,
  fish: `# silostat completion for fish: silostat completion fish | source
function __silostat_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    $program __complete -- $words "="(commandline -ct) 2>/dev/null
end
complete -c silostat -f -a '(__silostat_complete)'
complete -c silostat -n '__fish_seen_subcommand_from run' -F
`,
  powershell: `# silostat completion for PowerShell: silostat completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName silostat -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    if ($wordToComplete -ne '' -and $words.Count -gt 0) { $words = @($words | Select-Object -SkipLast 1) }
    & silostat __complete -- @words "=$wordToComplete" 2>$null | ForEach-Object {
        $value, $meaning = $_ -split "\`t", 2
        if (-not $meaning) { $meaning = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $meaning)
    }
}
`,
};
