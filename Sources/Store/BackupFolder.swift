import FoundationEssentials
import Glibc
package import RiskModel

/// The copies of the database, backups/risk_manager_20260821_143000.db (UTC). Behind the time stamp
/// there may be a word that says for what the copy was made, where it is not that of the day:
/// risk_manager_20260821_143000_deploy.db. Those of the day push out each other by number, the others
/// go by age.
package struct BackupFolder: Sendable {
  /// How old a copy with a word becomes (the specification, monthly maintenance), and how many of
  /// them there are at most.
  package static let longestKept = TimeSpan.seconds(30 * 86_400)
  static let mostLabelled = 30
  private static let prefix = "risk_manager_"
  private static let suffix = ".db"

  package let path: String

  package init(path: String) {
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  /// Whether the folder is there and cannot be listed: then nobody knows whether there are backups.
  package var isUnreadable: Bool {
    // Opened in earnest: what a process has denied itself is not asked by access(2).
    let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder < 0 else {
      close(folder)
      return false
    }
    return errno != ENOENT
  }

  /// The paths of the backups, newest first; none of a folder that cannot be listed.
  package var files: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { Self.stamp(of: $0) != nil }.sorted(by: >).map { "\(path)/\($0)" }
  }

  /// The path of the backup with this time stamp.
  package func file(stamp: String) -> String { "\(path)/\(Self.prefix)\(stamp)\(Self.suffix)" }

  private func name(of file: String) -> String { String(file.dropFirst(path.count + 1)) }

  /// When the newest backup was made, by its name; `nil` when there is none.
  package var newest: Instant? {
    files.first.flatMap { Self.instant(of: name(of: $0)) }
  }

  /// Copies the database, which another process may be writing, and removes copies whose time is over.
  ///
  /// - Parameters:
  ///   - database: The file that is copied.
  ///   - now: The moment that the name carries.
  ///   - keep: How many copies of the day are kept; at least one.
  ///   - label: For what it is made, letters, digits and -; `nil` for the copy of the day.
  /// - Returns: The path of the copy.
  /// - Throws: `StoreError`; the other copies are as before then.
  @discardableResult
  package func make(
    from database: String, at now: Instant, keep: Int, label: String? = nil
  ) throws(StoreError) -> String {
    if mkdir(path, 0o700) == 0 {
      DatabaseFile.giveToOwnerOfFolder(path)
    } else if errno != EEXIST {
      throw .unwritable(file: path, errno: errno)
    }
    func copy(at moment: Instant) -> String {
      file(stamp: DatabaseFile.stamp(moment) + (label.map { "_\($0)" } ?? ""))
    }
    var moment = now
    while access(copy(at: moment), F_OK) == 0 { moment = moment + .seconds(1) }
    try DatabaseFile.copy(from: database, to: copy(at: moment))
    forget(at: now, keep: keep)
    return copy(at: moment)
  }

  private func forget(at now: Instant, keep: Int) {
    let ofTheDay = files.filter { !Self.isLabelled(name(of: $0)) }
    for old in ofTheDay.dropFirst(max(1, keep)) { unlink(old) }
    let labelled = files.filter { Self.isLabelled(name(of: $0)) }
    for (index, file) in labelled.enumerated() {
      let made = Self.instant(of: name(of: file)) ?? now
      if index >= Self.mostLabelled || now - made > Self.longestKept { unlink(file) }
    }
  }

  private static func isLabelled(_ name: String) -> Bool {
    name.dropFirst(prefix.count).dropLast(suffix.count).split(separator: "_").count == 3
  }

  /// The newest backup that is whole and of this release's schema.
  ///
  /// - Returns: Its path, and those of newer ones that are of no use, with the reason.
  package func newestUsable() -> (file: String?, unusable: [(file: String, problem: StoreError)]) {
    var unusable: [(file: String, problem: StoreError)] = []
    for file in files {
      do throws(StoreError) {
        let version = try DatabaseFile.inspect(file)
        guard version == Schema.version else {
          throw .olderSchema(file: file, found: version, supported: Schema.version)
        }
        return (file, unusable)
      } catch {
        unusable.append((file, error))
      }
    }
    return (nil, unusable)
  }

  /// `20260821_143000` of a backup's name.
  static func stamp(of name: String) -> String? {
    guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
    let parts = name.dropFirst(prefix.count).dropLast(suffix.count)
      .split(separator: "_", omittingEmptySubsequences: false)
    guard parts.count == 2 || (parts.count == 3 && isLabel(parts[2])) else { return nil }
    let stamp = "\(parts[0])_\(parts[1])"
    let digits = stamp.utf8.enumerated().allSatisfy { index, byte in
      index == 8 ? byte == UInt8(ascii: "_") : (0x30...0x39).contains(byte)
    }
    return stamp.utf8.count == 15 && digits ? stamp : nil
  }

  private static func isLabel(_ text: Substring) -> Bool {
    !text.isEmpty
      && text.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "-")
      }
  }

  private static func instant(of name: String) -> Instant? {
    guard let stamp = stamp(of: name) else { return nil }
    let digits = stamp.utf8.filter { $0 != UInt8(ascii: "_") }.map { Int($0) - 0x30 }
    func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
    let date = CivilDate(year: number(0..<4), month: number(4..<6), day: number(6..<8))
    let seconds = number(8..<10) * 3_600 + number(10..<12) * 60 + number(12..<14)
    return Instant(secondsSinceEpoch: Int64(date.daysSinceEpoch) * 86_400 + Int64(seconds))
  }
}
