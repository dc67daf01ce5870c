import Checklist
import FoundationEssentials
import Glibc
import Settings

/// Looks for secrets in files where they have no business.
struct SecretSearch {
  /// A shorter secret, such as a demonstration's, is a word like any other.
  private static let shortest = 12
  private static let mostBytes = 1 << 28

  let root: String

  /// The address of a webhook is one too; its place is monitoring.yaml.
  func run(
    _ credentials: VenueCredentials?, webhook: WebhookSettings? = nil
  ) -> Sighting<[String]> {
    guard let credentials else {
      return .hidden("the configuration is not usable, so the secrets are not known")
    }
    var secrets = [credentials.apiKey.revealed]
    if let hash = credentials.adminPasswordHash { secrets.append(hash.revealed) }
    if let mail = credentials.mail { secrets.append(mail.password.revealed) }
    secrets.append(
      credentials.tokenEncryptionKey.revealed.map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0\(digits)" : digits
      }.joined())
    let needles = secrets.filter { $0.utf8.count >= Self.shortest }.map { Array($0.utf8) }
    let address = webhook.map { Array($0.url.revealed.utf8) }
    var found: [String] = []
    for folder in ["config", "logs"] {
      guard let names = try? FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)")
      else { return .hidden("\(folder)/ cannot be listed") }
      for name in names.sorted() where !name.hasSuffix(".encrypted") && name != ".env" {
        let path = "\(root)/\(folder)/\(name)"
        var status = stat()
        guard stat(path, &status) == 0 else { return .hidden(problem(with: path)) }
        guard status.st_mode & S_IFMT == S_IFREG else { continue }
        guard status.st_size <= Self.mostBytes else {
          return .hidden("\(path) is longer than can be searched")
        }
        guard let file = MappedFile(path, most: Self.mostBytes) else {
          return .hidden(problem(with: path))
        }
        let isItsPlace = folder == "config" && name == "monitoring.yaml"
        let all = needles + (isItsPlace ? [] : [address].compactMap(\.self))
        if all.contains(where: { file.find($0, from: 0) != nil }) {
          found.append("\(folder)/\(name)")
        }
      }
    }
    return .seen(found)
  }

  /// What was not looked at is not known to be clean.
  private func problem(with path: String) -> String {
    "\(path): \(String(cString: strerror(errno)))"
  }
}
