import Glibc

/// Memory that every process of a riskd uses while it is asked to: 48 MiB each.
struct MemoryLoad {
  private static let library = RiskdProgram.folder + "/libMemoryLoad.so"

  /// The file by which the processes are asked.
  let file: String

  static var isBuilt: Bool { access(library, R_OK) == 0 }

  /// What riskd has to be started with.
  var environment: [String: String] {
    ["LD_PRELOAD": Self.library, "MEMORY_LOAD_FILE": file]
  }

  func begin() throws {
    let descriptor = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw StageFailure("\(file) cannot be made") }
    close(descriptor)
  }

  func end() { unlink(file) }
}
