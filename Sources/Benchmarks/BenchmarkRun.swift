import RiskModel

/// A run of riskbench.
package struct BenchmarkRun {
  package var stages: Set<Stage>
  package var extent: Extent
  package var isQuick: Bool
  /// Of the folder with riskd.
  package var binFolder: String
  package var python: PythonPlace
  /// Told what is going on, for people who wait.
  package var tell: (String) -> Void

  package init(
    stages: Set<Stage>, isQuick: Bool, binFolder: String, extent: Extent? = nil,
    python: PythonPlace = PythonPlace(),
    tell: @escaping (String) -> Void = { _ in }
  ) {
    self.stages = stages
    self.isQuick = isQuick
    self.binFolder = binFolder
    self.python = python
    self.extent = extent ?? (isQuick ? .quick : .full)
    self.tell = tell
  }

  /// When a run begins no further stage; stages that run are bounded by their own extents.
  private var limit: TimeSpan { isQuick ? .seconds(80) : .seconds(330) }
  private var program: String { binFolder + "/riskd" }

  /// Measures everything that is asked for. What cannot be measured says so in the report.
  ///
  /// - Throws: When the machine's own floors cannot be measured.
  package func run() throws(BenchmarkError) -> BenchmarkReport {
    let time = Stopwatch()
    var report = BenchmarkReport(
      release: RiskdVersion.release, build: .own, quick: isQuick, machine: try MachineFacts.now())
    if stages.contains(where: \.needsRiskd) { report.riskd = Self.buildKind(ofFolder: binFolder) }
    tell("floors")
    let floors = try MachineFloors(extent.floorRounds)
    for stage in Stage.allCases where stages.contains(stage) {
      tell(stage.rawValue)
      report.add(
        time.elapsed < limit
          ? outcome(of: stage, floors)
          : StageOutcome(unmeasured: Self.budgets(of: stage), "the time of the run was over"))
    }
    report.distributions += floors.distributions
    report.machine.loadAfter = try MachineFacts.load()
    report.seconds = time.elapsed.seconds
    report.notes += Self.noise(report.machine, floors)
    return report
  }

  private func outcome(of stage: Stage, _ floors: MachineFloors) -> StageOutcome {
    do throws(BenchmarkError) {
      switch stage {
      case .reaction:
        return try ReactionStage(program: program, extent: extent, floors: floors).run()
      case .throughput:
        return try ThroughputStage(program: program, extent: extent, floors: floors).run()
      case .flat:
        return try FlatStage(program: program, extent: extent, floors: floors).run()
      case .replay:
        return try ReplayStage(extent: extent).run()
      case .memory:
        return try MemoryStage(program: program, extent: extent).run()
      case .restart:
        return try RestartStage(program: program, extent: extent, floors: floors).run()
      case .comparison:
        return try ComparisonStage(python: python, extent: extent).run()
      }
    } catch {
      return StageOutcome(unmeasured: Self.budgets(of: stage), error.description)
    }
  }

  static func budgets(of stage: Stage) -> [Budget] {
    switch stage {
    case .reaction:
      [
        .reactionP50, .reactionP99, .busyReactionP50, .busyReactionP99, .encryptedReactionP50,
        .encryptedReactionP99, .firstReaction,
      ]
    case .throughput: [.userEvents, .eventCost, .quotes]
    case .flat: [.flatP50, .flatP99]
    case .replay: [.replayInMemory, .replay]
    case .memory: [.memoryAtStart, .memory, .largestProcess, .idleProcessor]
    case .restart: RestartStage.budgets
    case .comparison:
      [.plainReactionP50, .plainReactionP99, .plainEvents, .plainEventCost, .plainMemory]
    }
  }

  /// SwiftPM names the folder of its products after the configuration.
  package static func buildKind(ofFolder folder: String) -> BenchmarkReport.BuildKind {
    let path = SystemFile.realPath(folder) ?? folder
    return path.split(separator: "/").last
      .flatMap { BenchmarkReport.BuildKind(rawValue: String($0)) } ?? .unknown
  }

  /// What the reader must know about this machine at this hour.
  static func noise(_ machine: MachineFacts, _ floors: MachineFloors) -> [String] {
    var notes = [
      "Everything ran on this machine: riskd, the simulated venue and riskbench share its "
        + "\(machine.cores) processors. Long tails of a floor are the machine's, and riskd has them too."
    ]
    if let load = machine.loadBefore.first, load > Double(machine.cores) / 2 {
      notes.append(
        "NOISE: the load was \(ReportText.decimal(load, digits: 2)) before the run began; "
          + "others were at work, and the figures are worse for it.")
    }
    return notes
  }
}

extension BenchmarkReport {
  mutating func add(_ outcome: StageOutcome) {
    figures += outcome.figures
    distributions += outcome.distributions
    processes += outcome.processes
    notes += outcome.notes
  }
}
