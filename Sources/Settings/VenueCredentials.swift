/// A value that never shows itself: every description, dump and mirror of it says `<redacted>`.
///
/// Encoding writes the value, so that a supervisor can hand it to a role that needs it.
package struct Secret<Value: Equatable & Sendable & Codable>: Equatable, Sendable, Codable {
  private var value: Value

  package init(_ value: Value) {
    self.value = value
  }

  /// The value itself, for the one place that uses it.
  package var revealed: Value { value }

  package init(from decoder: any Decoder) throws {
    value = try decoder.singleValueContainer().decode(Value.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "<redacted>" }
  package var debugDescription: String { "<redacted>" }
  package var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }
}

/// The secrets of .env, apart from the settings, so that only roles that need them get them.
package struct VenueCredentials: Equatable, Sendable, Codable {
  package var userName: Secret<String>
  package var apiKey: Secret<String>
  /// 32 bytes for AES-256.
  package var tokenEncryptionKey: Secret<[UInt8]>
  /// A bcrypt hash; `nil` in what a worker is given.
  package var adminPasswordHash: Secret<String>?
  /// For alerts by mail; `nil` in what a worker with a venue session is given.
  package var mail: MailCredentials?

  package init(
    userName: Secret<String>, apiKey: Secret<String>, tokenEncryptionKey: Secret<[UInt8]>,
    adminPasswordHash: Secret<String>?, mail: MailCredentials? = nil
  ) {
    self.mail = mail
    self.userName = userName
    self.apiKey = apiKey
    self.tokenEncryptionKey = tokenEncryptionKey
    self.adminPasswordHash = adminPasswordHash
  }

  /// What a process with a venue session needs, and no more.
  package var forVenueSession: VenueCredentials {
    var copy = self
    copy.adminPasswordHash = nil
    copy.mail = nil
    return copy
  }
}

extension VenueCredentials: CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  package var description: String { "<redacted>" }
  package var debugDescription: String { "<redacted>" }
  package var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }
}
