import Foundation

/// Tests/keys.tsv: the keys of the configuration and the tests that show what each does.
enum EvidenceList {
  /// The entries, "FILE KEY", that name a suite.
  static func keys(of suite: String) -> Set<String> {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "keys.tsv")
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    let rows = text.split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false)
    }
    return Set(
      rows.filter { $0.count == 4 && $0[3].hasPrefix("\(suite)/") }.map { "\($0[0]) \($0[1])" })
  }
}
