import { Command } from "commander";
// biome-ignore lint/correctness/useImportExtensions: the document is JSON.
import packageDocument from "../../package.json" with { type: "json" };
import { registerAlertsList } from "../commands/alerts/alerts-list.js";
import { registerAlertsSilence } from "../commands/alerts/alerts-silence.js";
import { registerAlertsTest } from "../commands/alerts/alerts-test.js";
import { registerBackup } from "../commands/backup.js";
import { registerCredentialAdd } from "../commands/credential-add.js";
import { registerCredentialList } from "../commands/credential-list.js";
import { registerCredentialPause, registerCredentialResume } from "../commands/credential-pause.js";
import { registerCredentialRemove } from "../commands/credential-remove.js";
import { registerCredentialShow } from "../commands/credential-show.js";
import { registerCredentialTest } from "../commands/credential-test.js";
import { registerCredentialUpdate } from "../commands/credential-update.js";
import { registerDoctor } from "../commands/doctor/doctor.js";
import { registerExport } from "../commands/export.js";
import { registerHistory } from "../commands/history.js";
import { registerInit } from "../commands/init.js";
import { registerKeysRotate } from "../commands/keys/keys-rotate.js";
import { registerMigrate } from "../commands/migrate.js";
import { registerMove } from "../commands/move.js";
import { registerPrune } from "../commands/prune.js";
import { registerReconcile } from "../commands/reconcile.js";
import { registerRejectionsCount } from "../commands/rejections-count.js";
import { registerRejectionsDismiss } from "../commands/rejections-dismiss.js";
import { registerRejectionsExport } from "../commands/rejections-export.js";
import { registerRejectionsList } from "../commands/rejections-list.js";
import { registerRejectionsReplay } from "../commands/rejections-replay.js";
import { registerScheduleList } from "../commands/schedule/schedule-list.js";
import { registerScheduleRemove } from "../commands/schedule/schedule-remove.js";
import { registerScheduleRun } from "../commands/schedule/schedule-run.js";
import { registerScheduleSet } from "../commands/schedule/schedule-set.js";
import { registerScheduleShow } from "../commands/schedule/schedule-show.js";
import { registerScheduleStarts } from "../commands/schedule/schedule-starts.js";
import { registerServe } from "../commands/serve.js";
import { registerStatus } from "../commands/status.js";
import { registerSync } from "../commands/sync.js";
import { registerWorker } from "../commands/worker.js";
import { registerDemo } from "../demo/demo.js";
import type { CommandContext } from "./context.js";
import type { Perform } from "./register.js";

/** The program with all its commands. Wrong arguments throw instead of ending the process. */
export function buildProgram(context: CommandContext, perform: Perform): Command {
  const program = new Command("titan-sync");
  // Commands inherit these settings when they are created, so they come first.
  program
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
    })
    .showHelpAfterError('Run with "--help" for usage.')
    .description(packageDocument.description)
    .version(packageDocument.version, "-v, --version")
    .option("--config <file>", "configuration file (default: titan-sync.config.{ts,js,json,yaml})")
    .option("--data-dir <directory>", "directory of the embedded database and the key file")
    .option("--log-level <level>", "debug, info, warn, error or silent")
    .addHelpText("after", helpEnd);

  registerDemo(program, perform);
  registerInit(program, perform);
  registerMigrate(program, perform);
  const credential = program.command("credential").description("connect companies to ServiceTitan");
  registerCredentialAdd(credential, perform);
  registerCredentialList(credential, perform);
  registerCredentialShow(credential, perform);
  registerCredentialTest(credential, perform);
  registerCredentialUpdate(credential, perform);
  registerCredentialPause(credential, perform);
  registerCredentialResume(credential, perform);
  registerCredentialRemove(credential, perform);
  const keys = program.command("keys").description("change the keys that secrets are encrypted with");
  registerKeysRotate(keys, perform);
  registerSync(program, perform);
  const schedule = program.command("schedule").description("sync credentials by themselves");
  registerScheduleSet(schedule, perform);
  registerScheduleShow(schedule, perform);
  registerScheduleList(schedule, perform);
  registerScheduleRemove(schedule, perform);
  registerScheduleRun(schedule, perform);
  registerScheduleStarts(schedule, perform);
  registerServe(program, perform);
  registerWorker(program, perform);
  const alerts = program.command("alerts").description("see what is wrong, and who is told of it");
  registerAlertsList(alerts, perform);
  registerAlertsTest(alerts, perform);
  registerAlertsSilence(alerts, perform);
  registerExport(program, perform);
  registerStatus(program, perform);
  registerHistory(program, perform);
  const rejections = program
    .command("rejections")
    .description("view and replay records that could not be delivered");
  registerRejectionsList(rejections, perform);
  registerRejectionsCount(rejections, perform);
  registerRejectionsExport(rejections, perform);
  registerRejectionsReplay(rejections, perform);
  registerRejectionsDismiss(rejections, perform);
  registerReconcile(program, perform);
  registerPrune(program, perform);
  registerBackup(program, perform);
  registerMove(program, perform);
  registerDoctor(program, perform);
  return program;
}

const helpEnd = `
Environment:
  TITAN_SYNC_DATABASE_URL     a PostgreSQL database (default: an embedded database)
  TITAN_SYNC_DATA_DIR         the embedded database's directory (default: .titan-sync)
  TITAN_SYNC_ENCRYPTION_KEYS  keys as id:base64, comma-separated (default: the key file)
  TITAN_SYNC_RATE_LIMIT       requests per second for each tenant and app key (default: 55)
  TITAN_SYNC_HOST             the address that "serve" listens on (default: 127.0.0.1)
  TITAN_SYNC_PORT             its port (default: 8080)
  TITAN_SYNC_ALERT_WEBHOOK_URL, TITAN_SYNC_ALERT_WEBHOOK_SECRET, TITAN_SYNC_ALERT_SLACK_URL,
  TITAN_SYNC_ALERT_MAIL_TO, TITAN_SYNC_SMTP_URL
                              where alerts go (default: nowhere)
  TITAN_SYNC_HEARTBEAT_URL    an address to call each minute while everything works (default: none)
  TITAN_SYNC_LOG_LEVEL        level of the log on standard error (default: warn)

Exit codes: 0 done, 1 failed, 2 bad usage or configuration, 3 partly done, 130 stopped.

Start with "titan-sync demo", which needs no account, or "titan-sync init".`;
