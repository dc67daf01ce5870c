import Glibc

/// Where the secrets stand: in the credential `riskd.env` that the service manager hands over in a
/// directory for this process alone (systemd's `LoadCredential=` and `LoadCredentialEncrypted=`), or
/// else in `.env` of the root, which nobody but its owner may read.
struct SecretsFile {
  static let credential = "riskd.env"
  static let standard = ".env"
  /// Where operations keep them encrypted.
  static let encrypted = "config/riskd.env.encrypted"

  /// Below the root, or an absolute path.
  let path: String
  /// What messages call it.
  let name: String
  private let isCredential: Bool

  init(_ files: ConfigurationFile, _ environment: [String: String]) {
    if let directory = environment["CREDENTIALS_DIRECTORY"], directory.hasPrefix("/"),
      files.exists("\(directory)/\(Self.credential)")
    {
      path = "\(directory)/\(Self.credential)"
      name = "credential \(Self.credential)"
      isCredential = true
    } else {
      path = Self.standard
      name = Self.standard
      isCredential = false
    }
  }

  /// Files beside the credential that are younger than it. What they hold may be closed to riskd; when
  /// they were written is not.
  func writtenLater(below root: String) -> [String] {
    guard isCredential, let handedOver = Self.written(path) else { return [] }
    return [Self.standard, Self.encrypted].filter { name in
      guard let written = Self.written("\(root)/\(name)") else { return false }
      return (written.tv_sec, written.tv_nsec) > (handedOver.tv_sec, handedOver.tv_nsec)
    }
  }

  private static func written(_ path: String) -> timespec? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mtim : nil
  }

  /// The mode of a credential is the service manager's business: it grants the service's user access
  /// by an access list, which shows as access of the group.
  func text(_ files: ConfigurationFile) -> String? {
    files.text(
      of: path, title: name, isPrivate: !isCredential,
      ifMissing: "write it after config/env.example, and run chmod 600 .env")
  }
}
