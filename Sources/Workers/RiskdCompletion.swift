/// What a shell proposes while somebody types `riskd`. The command line is read by hand, and so is
/// this written by hand: three options, and the shells that it can be asked for.
package enum RiskdCompletion: String, CaseIterable, Sendable {
  case bash
  case zsh
  case fish

  static let option = "--generate-completion-script"

  package var script: String {
    let shells = Self.allCases.map(\.rawValue).joined(separator: " ")
    switch self {
    case .bash:
      return """
        _riskd() {
          local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
          case $before in
            --root) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
            \(Self.option)) mapfile -t COMPREPLY < <(compgen -W "\(shells)" -- "$word") ;;
            riskd|*/riskd)
              mapfile -t COMPREPLY < <(compgen -W "--root --version --help \(Self.option)" -- "$word") ;;
          esac
        }
        complete -o filenames -F _riskd riskd
        """
    case .zsh:
      return """
        #compdef riskd
        _arguments \\
          '(- *)--root[the folder with config/, data/, logs/ and .env]:folder:_directories' \\
          '(- *)--version[the release]' \\
          '(- *)'{-h,--help}'[the usage]' \\
          '(- *)\(Self.option)[what a shell proposes]:shell:(\(shells))'
        """
    case .fish:
      return """
        complete -c riskd -f
        complete -c riskd -l root -x -a '(__fish_complete_directories)' -d 'The folder with config/ and .env'
        complete -c riskd -l version -d 'The release'
        complete -c riskd -s h -l help -d 'The usage'
        complete -c riskd -l generate-completion-script -x -a '\(shells)' -d 'What a shell proposes'
        """
    }
  }
}
