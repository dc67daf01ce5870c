/// A value that log lines show as `<redacted>`, in messages as well as in metadata.
package protocol Redacted: CustomStringConvertible, CustomDebugStringConvertible, Sendable {}

extension Redacted {
  package var description: String { redaction }
  package var debugDescription: String { redaction }
}

/// What stands in the place of a secret.
let redaction = "<redacted>"
