import AuditLog
import Glibc
import ProcessControl
import RiskModel

/// What an administrator did, for the audit log and the journal of the system.
struct AdminRecords {
  let root: String
  var clock: any Clock = SystemClock()
  var journal = "/run/systemd/journal/socket"

  /// - Returns: A complaint when the audit log does not know of it.
  func note(_ what: String, _ detail: [String: String]) -> String {
    let who = "riskctl uid \(getuid())"
    tellJournal(who, what, detail)
    do throws(AuditError) {
      try AuditLog(path: "\(root)/\(AuditLog.standardName)").append([
        AuditEntry(at: clock.now(), who: who, what: what, detail: detail)
      ])
      return ""
    } catch {
      return "riskctl: the audit log does not know of this: \(error)\n"
    }
  }

  /// One datagram in the journal's native protocol; a machine without a journal has none.
  private func tellJournal(_ who: String, _ what: String, _ detail: [String: String]) {
    let words = detail.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let said = "\(what) by \(who): \(words.joined(separator: " "))".prefix(2_000)
    let message = String(said.map { $0.isNewline ? " " : $0 })
    let entry = Array(
      "MESSAGE=\(message)\nPRIORITY=5\nSYSLOG_IDENTIFIER=riskctl\nADMIN_ACTION=\(what)\n".utf8)
    let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return }
    defer { close(socket) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = Array(journal.utf8)
    guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    _ = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(
          socket, entry, entry.count, Int32(MSG_DONTWAIT), $0,
          socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
