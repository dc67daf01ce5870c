import Foundation
import Testing

/// What the screens of `riskctl admin` looked like when somebody last looked at them, in
/// Golden/admin.txt; what differs from run to run is masked.
///
/// RISKD_WRITE_SCREENS=1 writes them anew; the test fails all the same, until it is run again.
struct AdminScreens {
  private static let file = URL(filePath: #filePath)
    .deletingLastPathComponent().appending(path: "Golden/admin.txt")

  private let root: String
  private var text = ""

  init(root: String) {
    self.root = root
  }

  mutating func add(_ title: String, _ screen: String) {
    var lines: [String] = []
    for line in masked(screen).split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("  <time>") {
        if lines.last != "  <events>" { lines.append("  <events>") }
        continue
      }
      lines.append(String(line))
    }
    text += "=== \(title)\n\(lines.joined(separator: "\n"))\n"
  }

  private func masked(_ screen: String) -> String {
    var text = screen.replacing(root, with: "<root>")
    text = text.replacing(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d( UTC)?/, with: "<time>")
    text = text.replacing(/\d{8}_\d{6}/, with: "<stamp>")
    text = text.replacing(/\ +\d+ ms/, with: " <ms>")
    text = text.replacing(/\ +TIME  DETAIL/, with: " TIME DETAIL")
    text = text.replacing(/\d+ h \d+ min/, with: "<span>")
    text = text.replacing(/(PID  +)\d+/) { "\($0.output.1)<pid>" }
    text = text.replacing(/(Uptime  +)[\d:]+/) { "\($0.output.1)<span>" }
    text = text.replacing(/(CPU  +)[\d.]+/) { "\($0.output.1)<cpu>" }
    text = text.replacing(/(Memory  +)\d+/) { "\($0.output.1)<mib>" }
    text = text.replacing(/riskd \d+\.\d+\.\d+/, with: "riskd <version>")
    // What the machine says of a service manager.
    return text.replacing(/none: .*/, with: "none: <why>")
  }

  func compare() {
    let expected = (try? String(contentsOf: Self.file, encoding: .utf8)) ?? ""
    guard expected != text else { return }
    guard ProcessInfo.processInfo.environment["RISKD_WRITE_SCREENS"] == "1" else {
      let pair = zip(expected.split(separator: "\n"), text.split(separator: "\n"))
        .first { $0 != $1 }
      Issue.record(
        "the screens look different, at first here:\n\(pair?.0 ?? "-")\n\(pair?.1 ?? "-")")
      return
    }
    do {
      try Data(text.utf8).write(to: Self.file)
      Issue.record("the screens are written; look at them and run again")
    } catch {
      Issue.record("the screens cannot be written: \(error)")
    }
  }
}
