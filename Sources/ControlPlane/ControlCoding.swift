import FoundationEssentials
import Supervision

extension ControlRequest: Codable {
  private enum CodingKeys: String, CodingKey {
    case request, worker, wait, timeoutSeconds, reason, limit, lockout
  }

  private enum Kind: String, CaseIterable {
    case status, restart, history, reload, lockouts, endLockout
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    switch try decodeOne(of: Kind.allCases, from: container, .request) {
    case .status:
      self = .status
    case .restart:
      let seconds = try container.decodeIfPresent(Int.self, forKey: .timeoutSeconds) ?? 30
      guard (1...RestartRequest.longestTimeoutSeconds).contains(seconds) else {
        throw outOfRange(container, .timeoutSeconds, RestartRequest.longestTimeoutSeconds)
      }
      self = .restart(
        RestartRequest(
          worker: try decodeOne(of: WorkerName.allCases, from: container, .worker),
          wait: try container.decodeIfPresent(Bool.self, forKey: .wait) ?? false,
          timeoutSeconds: seconds,
          reason: try container.decodeIfPresent(String.self, forKey: .reason) ?? ""))
    case .history:
      let limit = try container.decodeIfPresent(Int.self, forKey: .limit) ?? 100
      guard (1...Self.historyLimit).contains(limit) else {
        throw outOfRange(container, .limit, Self.historyLimit)
      }
      self = .history(limit: limit)
    case .reload:
      let seconds = try container.decodeIfPresent(Int.self, forKey: .timeoutSeconds) ?? 60
      guard (1...ReloadRequest.longestTimeoutSeconds).contains(seconds) else {
        throw outOfRange(container, .timeoutSeconds, ReloadRequest.longestTimeoutSeconds)
      }
      self = .reload(
        ReloadRequest(
          wait: try container.decodeIfPresent(Bool.self, forKey: .wait) ?? false,
          timeoutSeconds: seconds))
    case .lockouts:
      self = .lockouts
    case .endLockout:
      self = .endLockout(try container.decode(String.self, forKey: .lockout))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .status:
      try container.encode(Kind.status.rawValue, forKey: .request)
    case .restart(let restart):
      try container.encode(Kind.restart.rawValue, forKey: .request)
      try container.encode(restart.worker, forKey: .worker)
      try container.encode(restart.wait, forKey: .wait)
      try container.encode(restart.timeoutSeconds, forKey: .timeoutSeconds)
      try container.encode(restart.reason, forKey: .reason)
    case .history(let limit):
      try container.encode(Kind.history.rawValue, forKey: .request)
      try container.encode(limit, forKey: .limit)
    case .reload(let reload):
      try container.encode(Kind.reload.rawValue, forKey: .request)
      try container.encode(reload.wait, forKey: .wait)
      try container.encode(reload.timeoutSeconds, forKey: .timeoutSeconds)
    case .lockouts:
      try container.encode(Kind.lockouts.rawValue, forKey: .request)
    case .endLockout(let id):
      try container.encode(Kind.endLockout.rawValue, forKey: .request)
      try container.encode(id, forKey: .lockout)
    }
  }
}

private func decodeOne<Value: RawRepresentable<String>, Key: CodingKey>(
  of values: [Value], from container: KeyedDecodingContainer<Key>, _ key: Key
) throws -> Value {
  let text = try container.decode(String.self, forKey: key)
  if let value = Value(rawValue: text) { return value }
  let names = values.map(\.rawValue).joined(separator: ", ")
  throw DecodingError.dataCorruptedError(
    forKey: key, in: container, debugDescription: "\(key.stringValue) is one of \(names)")
}

private func outOfRange<Key: CodingKey>(
  _ container: KeyedDecodingContainer<Key>, _ key: Key, _ limit: Int
) -> DecodingError {
  .dataCorruptedError(
    forKey: key, in: container, debugDescription: "\(key.stringValue) is 1 to \(limit)")
}

extension ControlReply: Codable {
  private enum CodingKeys: String, CodingKey {
    case status, restarted, history, reload, lockouts, lockoutEnded, error
  }

  private struct EndedLockout: Codable {
    var lockout: String
    var standing: [LockoutReport]
  }

  private struct Restarted: Codable {
    var worker: WorkerName
    var isReady: Bool
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let report = try container.decodeIfPresent(StatusReport.self, forKey: .status) {
      self = .status(report)
    } else if let entries = try container.decodeIfPresent([HistoryEntry].self, forKey: .history) {
      self = .history(entries)
    } else if let report = try container.decodeIfPresent(ReloadReport.self, forKey: .reload) {
      self = .reload(report)
    } else if let lockouts = try container.decodeIfPresent(
      [LockoutReport].self, forKey: .lockouts)
    {
      self = .lockouts(lockouts)
    } else if let ended = try container.decodeIfPresent(EndedLockout.self, forKey: .lockoutEnded) {
      self = .lockoutEnded(ended.lockout, standing: ended.standing)
    } else if let refusal = try container.decodeIfPresent(ControlRefusal.self, forKey: .error) {
      self = .error(refusal)
    } else {
      let restarted = try container.decode(Restarted.self, forKey: .restarted)
      self = .restarted(restarted.worker, isReady: restarted.isReady)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .status(let report): try container.encode(report, forKey: .status)
    case .restarted(let worker, let isReady):
      try container.encode(Restarted(worker: worker, isReady: isReady), forKey: .restarted)
    case .history(let entries): try container.encode(entries, forKey: .history)
    case .reload(let report): try container.encode(report, forKey: .reload)
    case .lockouts(let lockouts): try container.encode(lockouts, forKey: .lockouts)
    case .lockoutEnded(let id, let standing):
      try container.encode(
        EndedLockout(lockout: id, standing: standing), forKey: .lockoutEnded)
    case .error(let refusal): try container.encode(refusal, forKey: .error)
    }
  }
}

/// One message as a line, and back.
enum ControlLine {
  static let newline = UInt8(ascii: "\n")

  static func encode(_ message: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return [UInt8](try encoder.encode(message)) + [newline]
    } catch {
      preconditionFailure("Invariant: every control message has a JSON form: \(error)")
    }
  }

  /// Reads a line, given without its newline.
  static func decode<Message: Decodable>(
    _ bytes: some Collection<UInt8>, as type: Message.Type
  ) throws(ControlRefusal) -> Message {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch let DecodingError.dataCorrupted(context) where !context.codingPath.isEmpty {
      throw ControlRefusal(.malformed, context.debugDescription)
    } catch let DecodingError.keyNotFound(key, _) {
      throw ControlRefusal(.malformed, "\(key.stringValue) is missing")
    } catch let DecodingError.typeMismatch(_, context) {
      let key = context.codingPath.last?.stringValue ?? "the message"
      throw ControlRefusal(.malformed, "\(key) has the wrong type")
    } catch {
      throw ControlRefusal(.malformed, "no JSON object")
    }
  }
}

extension ControlRefusal: Error {}
