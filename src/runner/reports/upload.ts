import { extname } from 'node:path';
import { messageOf } from '../../kernel/errors.ts';
import type { ArtifactSpec } from '../../services/codebuild/rules/buildspec/types.ts';
import { findFormat, FORMAT_NAMES, type ReportFormat } from '../../services/codebuild/rules/reports/formats.ts';
import { ReportError } from '../../services/codebuild/rules/reports/types.ts';
import type { CreateReportOutput } from '../../services/pipewright/api.gen.ts';
import { pattern } from '../artifacts/patterns.ts';
import { NO_FILES, select, type Ground, type SelectedFile, type Tell } from '../artifacts/select.ts';
import { clientError, PhaseFailure } from '../build/failure.ts';
import type { ReportCalls, ReportTotals } from './calls.ts';
import { deliver } from './deliver.ts';
import { exportRaw, type ExportTools } from './export.ts';

/** One entry of a buildspec's `reports`. */
export interface WantedReport {
  /** A name or an ARN. */
  readonly group: string;
  /** Variables have been put in already. */
  readonly locations: ArtifactSpec;
  readonly fileFormat: string | undefined;
}

export interface ReportTools extends ExportTools {
  readonly calls: ReportCalls;
  readonly ground: Ground;
  readonly tell: Tell;
}

/** With wildcards, what lies beside the reports (Surefire's .txt files) is left out, as long as something is left. */
function fitting(files: readonly SelectedFile[], { extension }: ReportFormat, { files: texts }: ArtifactSpec, tell: Tell) {
  const fit = files.filter(({ path }) => extname(path).toLowerCase() === extension);
  if (fit.length === 0 || !texts.some((text) => pattern(text).isGlob)) return files;
  if (fit.length < files.length) tell(`Left out ${files.length - fit.length} file(s) that do not end with ${extension}`);
  return fit;
}

/** A report without its files fails the phase: https://docs.aws.amazon.com/codebuild/latest/userguide/test-report.html (INCOMPLETE) */
async function filesOf({ locations }: WantedReport, format: ReportFormat, { ground, tell }: ReportTools): Promise<readonly SelectedFile[]> {
  try {
    return fitting(await select(locations, ground, tell), format, locations, tell);
  } catch (error) {
    throw error instanceof PhaseFailure && error.message === NO_FILES ? new ReportError('report files not found in build') : error;
  }
}

function told({ tests, coverage }: ReportTotals): string {
  if (tests) {
    const counts = Object.entries(tests.statusCounts).filter(([, count]) => count > 0);
    return `${tests.total} test case(s)${counts.map(([status, count]) => `, ${count} ${status}`).join('')}`;
  }
  return coverage ? `${coverage.linesCovered} of ${coverage.linesCovered + coverage.linesMissed} lines covered` : 'incomplete';
}

async function fill(wanted: WantedReport, format: ReportFormat, report: CreateReportOutput, tools: ReportTools): Promise<ReportTotals> {
  const { reportArn, export: destination } = report;
  const { calls, ground, signal, tell } = tools;
  const files = await filesOf(wanted, format, tools);
  const totals = await deliver(format, files, { calls, reportArn, sourceDir: ground.sourceDir, signal });
  tell(`Report export config is ${destination ? `S3: ${destination.bucket}/${destination.key} (${destination.packaging})` : 'NO_EXPORT'}`);
  if (destination) await exportRaw(destination, files, tools);
  return totals;
}

async function upload(wanted: WantedReport, tools: ReportTools): Promise<void> {
  const { calls, tell } = tools;
  const format = findFormat(wanted.fileFormat);
  if (!format) throw new ReportError(`unknown file format ${wanted.fileFormat}; there are ${FORMAT_NAMES.join(', ')}`);
  const report = await calls.create(wanted.group, format.name);
  tell(`Preparing to copy ${format.type} report ${report.reportArn}`);
  try {
    const totals = await fill(wanted, format, report, tools);
    await calls.complete(report.reportArn, totals);
    tell(`Report ${report.reportArn}: ${told(totals)}`);
  } catch (error) {
    // The build may have been stopped, or the lease be lost: the server ends its reports then.
    if (!tools.signal.aborted) await calls.complete(report.reportArn, {});
    throw error;
  }
}

/** A failure of the user's: a file, a name, a bucket; not one of the machine or of ours. */
function isClients(error: unknown): boolean {
  if (error instanceof PhaseFailure || error instanceof ReportError) return true;
  const status = (error as { status?: number }).status;
  return status !== undefined && status >= 400 && status < 500;
}

/** Delivers all reports of a build, one after another, whatever becomes of the others; answers AWS's failure of the phase where one failed. */
export async function uploadReports(wanted: readonly WantedReport[], tools: ReportTools): Promise<PhaseFailure | undefined> {
  const failures: string[] = [];
  for (const report of wanted) {
    try {
      await upload(report, tools);
    } catch (error) {
      if (tools.signal.aborted || !isClients(error)) throw error;
      tools.tell(`Report ${report.group}: ${messageOf(error)}`);
      failures.push(`${report.group}: [${messageOf(error)}]`);
    }
  }
  return failures.length === 0 ? undefined : clientError(`Error in UPLOAD_ARTIFACTS phase: [${failures.join(', ')}]`);
}
