import Benchmarks
import Glibc
import RiskModel
import Testing

@Suite struct ProcessFileTests {
  static let rollup = """
    55d0c0a00000-7ffd4b1f1000 ---p 00000000 00:00 0                          [rollup]
    Rss:               23456 kB
    Pss:               10234 kB
    Pss_Dirty:          5000 kB
    Pss_Anon:           4800 kB
    Shared_Clean:      12000 kB
    Private_Dirty:      5000 kB
    Anonymous:          4900 kB
    Swap:                  0 kB
    """

  @Test func `memory is read from smaps_rollup`() throws {
    let memory = try #require(ProcessMemory(smapsRollup: Self.rollup))
    #expect(memory.residentBytes == 23_456 * 1_024)
    #expect(memory.proportionalBytes == 10_234 * 1_024)
    #expect(memory.anonymousBytes == 4_900 * 1_024)
  }

  @Test(arguments: [
    "", "Rss: 5 kB", "Rss: x kB\nPss: 5 kB", "Rss: 5 MB\nPss: 5 kB", "Rss:\nPss: 5 kB",
    "Rss: 9 kB\nPss: 5 kB",
  ])
  func `what is no smaps_rollup is refused`(text: String) {
    #expect(ProcessMemory(smapsRollup: text) == nil)
  }

  @Test func `use is read from stat, whatever the program is called`() throws {
    let text = """
      4711 (a (b) c) d) S 42 4711 4711 0 -1 4194560 1000 0 5 0 150 25 0 0 20 0 3 0 99 1 2 3
      """
    let use = try #require(ProcessUse(stat: text))
    #expect(use.parent == 42)
    #expect(use.state == "S")
    #expect(use.ticks == 175)
  }

  @Test(arguments: ["", "1 (a", "1 (a) S", "1 (a) S x 1 1 0 -1 0 0 0 0 0 150 25 0"])
  func `what is no stat is refused`(text: String) {
    #expect(ProcessUse(stat: text) == nil)
  }

  @Test func `the own process can be read`() throws {
    let memory = try ProcessMemory.ofProcess(getpid())
    #expect(memory.residentBytes >= memory.proportionalBytes)
    #expect(memory.proportionalBytes > 0)
    #expect(try ProcessUse.ofProcess(getpid()).parent == getppid())
  }

  @Test func `a process that is not there is an error`() {
    #expect(throws: BenchmarkError.unreadable(path: "/proc/0/stat")) {
      try ProcessUse.ofProcess(0)
    }
  }

  @Test func `ticks are hundredths of a second on Linux`() {
    #expect(ProcessUse.time(ofTicks: 150) == .milliseconds(1_500))
  }

  @Test func `the machine is described by the kernel's files`() throws {
    let text = "processor\t: 0\nmodel name\t: AMD EPYC 7763 64-Core Processor\nflags\t: a b\n"
    #expect(MachineFacts.processor(inCPUInfo: text) == "AMD EPYC 7763 64-Core Processor")
    #expect(MachineFacts.processor(inCPUInfo: "processor\t: 0\n") == "unknown processor")
    let meminfo = "MemTotal:       24684032 kB\nMemFree:        1 kB\n"
    #expect(MachineFacts.memory(inMeminfo: meminfo) == 24_684_032 * 1_024)
    #expect(MachineFacts.load(inLoadavg: "0.52 1.25 3.00 2/345 6789\n") == [0.52, 1.25, 3])
    let machine = try MachineFacts.now()
    #expect(machine.cores > 0)
    #expect(machine.memoryBytes > 0)
    #expect(machine.loadBefore.count == 3)
    #expect(!machine.kernel.isEmpty)
  }
}
