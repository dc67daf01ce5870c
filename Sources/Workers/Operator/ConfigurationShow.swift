package import ControlPlane
import FoundationEssentials
import PeerProtocol
import Settings

/// `riskctl config show`: what counts, and where it comes from.
package enum ConfigurationShow {
  /// The JSON form is an interface: keys are only ever added.
  struct Report: Codable {
    var values: [EffectiveValue]
  }

  /// 0 with every value; 1 with every problem when the configuration is not usable.
  package static func outcome(root: String, asJSON: Bool) -> CommandOutcome {
    let environment = ProcessInfo.processInfo.environment
    let (outcome, values) = SettingsLoader.effective(root: root, environment: environment)
    if case .rejected(let problems) = outcome {
      return CommandOutcome(.no, complaint: ConfigurationReport.text(problems: problems))
    }
    do {
      let text =
        asJSON
        ? String(decoding: try MessageCoder().encode(Report(values: values)), as: UTF8.self) + "\n"
        : text(values)
      return CommandOutcome(.yes, output: text)
    } catch {
      return CommandOutcome(.environment, complaint: "riskctl: \(error)\n")
    }
  }

  private static func text(_ values: [EffectiveValue]) -> String {
    let files = Dictionary(grouping: values, by: \.file).sorted { $0.key < $1.key }
    return files.map { file, values in
      file + "\n" + ColumnText.render(values.map { ["  " + $0.key, $0.origin, $0.value] })
    }.joined(separator: "\n")
  }
}
