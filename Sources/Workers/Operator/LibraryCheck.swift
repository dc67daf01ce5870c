import RiskModel
import Store
import TokenStore

/// The system's libraries that riskd cannot do without, asked for themselves: SQLite, and libcrypto with
/// its AES-256-GCM.
struct LibraryCheck: Equatable {
  private(set) var versions: [String] = []
  private(set) var problems: [String] = []

  init(
    database: () throws(StoreError) -> String = DatabaseFile.libraryVersion,
    cipher: () -> String? = SealedText.libraryVersion
  ) {
    do throws(StoreError) {
      versions.append("SQLite \(try database())")
    } catch {
      problems.append("SQLite: \(error)")
    }
    if let version = cipher() {
      versions.append("libcrypto \(version)")
    } else {
      problems.append("libcrypto has no AES-256-GCM")
    }
  }

  /// A line of the validation.
  var line: String {
    guard problems.isEmpty else { return "❌ Environment: \(problems.joined(separator: "; "))" }
    let all = ["riskd \(RiskdVersion.release)", "engine \(RiskdVersion.engine)"] + versions
    return "✅ Environment: \(all.joined(separator: ", "))"
  }
}
