package import RiskModel

extension HistoryEntry.Event {
  /// What the journal knows records of this kind by.
  package var messageID: MessageID {
    switch self {
    case .supervisorStarted: .supervisorStarted
    case .workerStarted: .workerStarted
    case .workerReady: .workerReady
    case .workerDegraded: .workerDegraded
    case .workerRestored: .workerRestored
    case .workerSlow: .workerSlow
    case .workerAnswering: .workerAnswering
    case .death: .death
    case .spawnFailed: .spawnFailed
    case .restartAsked: .restartAsked
    case .reloadAccepted: .reloadAccepted
    case .reloadRefused: .reloadRefused
    case .signalSent: .signalSent
    case .unkillable: .unkillable
    case .linkMade: .linkMade
    case .linkBroken: .linkBroken
    case .linkFailed: .linkFailed
    case .badConfiguration: .badConfiguration
    case .ready: .ready
    case .readyDegraded: .readyDegraded
    case .crashLoop: .crashLoop
    case .safeMode: .safeMode
    case .safeModeEnded: .safeModeEnded
    case .rolledBack: .rolledBack
    case .releaseGood: .releaseGood
    case .verdictFailed: .verdictFailed
    case .canaryLost: .canaryLost
    case .canaryBack: .canaryBack
    case .messageQuarantined: .messageQuarantined
    case .messageSkipped: .messageSkipped
    case .stalled: .stalled
    case .stopAsked: .stopAsked
    case .stopped: .stopped
    }
  }
}
