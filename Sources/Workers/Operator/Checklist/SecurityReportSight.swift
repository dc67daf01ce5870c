import Checklist
import FoundationEssentials
import VenueAPI

/// What `ops/security-report` wrote: a first line that ends in `, TIME, MACHINE`, and of what it found
/// a line each that begins with `FOUND`.
enum SecurityReportSight {
  static func newest(in folder: String) -> Sighting<SecurityReportFacts> {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let newest = names.filter { $0.hasPrefix("security_") && $0.hasSuffix(".txt") }.max()
    guard let newest else { return .hidden("there is no report in \(folder)") }
    guard let text = try? String(contentsOfFile: "\(folder)/\(newest)", encoding: .utf8) else {
      return .hidden("\(newest) cannot be read")
    }
    let lines = text.split(separator: "\n")
    let title = lines.first.map { $0.split(separator: ",").map { $0.drop { $0 == " " } } } ?? []
    guard title.count > 1, let at = VenueTimestamp.instant(String(title[1])) else {
      return .hidden("\(newest) does not say when it was written")
    }
    let mark = "FOUND"
    return .seen(
      SecurityReportFacts(
        at: at,
        findings: lines.filter { $0.hasPrefix(mark) }.map { line in
          String(line.dropFirst(mark.count).drop { $0 == " " })
        }))
  }
}
