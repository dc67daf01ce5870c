/// What keeps decisions from getting lost.
///
/// All of it holds, always. Each has a name so that a test can take it away from a role and show that
/// it is missed; only tests see that there is something to take away.
struct RecordSafeguards: OptionSet, Sendable {
  let rawValue: UInt8

  /// A decision leaves when it is recorded.
  static let lockFirst = RecordSafeguards(rawValue: 1)
  /// A lockout is put on the disk soon after.
  static let durability = RecordSafeguards(rawValue: 2)

  static let all: RecordSafeguards = [.lockFirst, .durability]
}
