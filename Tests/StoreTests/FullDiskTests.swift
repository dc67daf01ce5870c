import Glibc
import RiskModel
import Testing

@testable import Store

/// A file system of a few hundred KiB, for tests that run as root.
private final class SmallDisk {
  let path: String

  init?(bytes: Int) {
    path = "/tmp/store-disk-\(UInt32.random(in: 0...UInt32.max))"
    guard mkdir(path, 0o700) == 0 else { return nil }
    guard mount("tmpfs", path, "tmpfs", 0, "size=\(bytes)") == 0 else {
      rmdir(path)
      return nil
    }
  }

  deinit {
    umount2(path, Int32(MNT_DETACH))
    rmdir(path)
  }

  static let isAvailable = SmallDisk(bytes: 65_536) != nil
}

@Suite struct FullDiskTests {
  private let folder = Folder()

  @Test(.enabled(if: SmallDisk.isAvailable, "needs the right to mount"))
  func onAFullDiskTheBallastMakesRoom() throws {
    let disk = try #require(SmallDisk(bytes: 1_048_576))
    let path = disk.path + "/risk_manager.db"
    let store = try Store.writer(path)
    let ballast = DiskBallast(path: disk.path + "/ballast", size: 262_144)
    try ballast.create()
    var ordinal: Int64 = 0
    var failure: StoreError?
    while failure == nil, ordinal < 5_000 {
      do throws(StoreError) {
        var batch = CommitBatch()
        batch.rows = [Sample.input(ordinal + 1)]
        try store.commit(batch)
        ordinal += 1
      } catch {
        failure = error
      }
    }
    guard case .unwritable(path, 13, _) = try #require(failure) else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(try store.rows().count == Int(ordinal))
    #expect(ballast.release())
    try store.commit([Sample.input(ordinal + 1)])
    try store.flushToDisk()
    #expect(try store.rows().last == Sample.input(ordinal + 1))

    let second = DiskBallast(path: disk.path + "/second", size: 4_194_304)
    #expect(throws: StoreError.unwritable(file: second.path, errno: ENOSPC)) {
      try second.create()
    }
    #expect(!second.isPresent)
    #expect(mode(of: second.path) == -1)
  }

  @Test func ballastTakesSpaceAndGivesItBack() throws {
    let ballast = DiskBallast(path: folder.file("ballast"))
    #expect(!ballast.isPresent)
    #expect(!ballast.release())
    try ballast.create()
    try ballast.create()
    #expect(ballast.isPresent)
    var status = stat()
    #expect(stat(ballast.path, &status) == 0)
    #expect(status.st_size == 1_048_576)
    #expect(Int64(status.st_blocks) * 512 >= 1_048_576)
    #expect(mode(of: ballast.path) == 0o600)
    #expect(ballast.release())
    #expect(!ballast.isPresent)
  }

  @Test func ballastInAMissingFolderIsAnError() {
    let ballast = DiskBallast(path: folder.file("missing/ballast"))
    #expect(throws: StoreError.unwritable(file: ballast.path, errno: ENOENT)) {
      try ballast.create()
    }
  }
}
