// data_section.ts - the files, what was refused and why, every option, and the time it took
import { bdi, h } from '../dom';
import { bytes, count, figure, plural } from '../format';
import type { Model } from '../source';
import { table } from './tables';

export function dataSection({ report }: Model): HTMLElement {
  const { totals } = report;
  const seconds = report.stages.reduce((sum, stage) => sum + stage.seconds, 0);
  return h('section', { id: 'sources', class: 'data-section', 'aria-labelledby': 'sources-title', tabindex: -1 },
    h('h2', { id: 'sources-title' }, 'The data, and how to check it'),
    h('p', { class: 'chart-lede' }, `${plural(totals.posts, 'post')} by ${plural(totals.accounts, 'account')} gave ${plural(totals.actions, 'action')}. `,
      totals.payments > 0 && `Ledgers gave ${plural(totals.payments, 'payment')}. `,
      `${plural(totals.duplicates, 'exact duplicate')} and ${plural(totals.ignored, 'row')} without a post were set aside; ${plural(totals.rejects, 'row')} could not be read.`),
    h('h3', {}, 'Files'),
    table({ caption: 'Files that were sealed and read, with their SHA-256 digests', what: 'files', rows: report.files, size: 12, columns: [
      { name: 'File', cell: (file) => bdi(file.name, 80), rowHeader: true },
      { name: 'Read as', cell: (file) => bdi(file.format, 40) },
      { name: 'Size', cell: (file) => bytes(file.bytes), numeric: true },
      { name: 'Rows', cell: (file) => count(file.rows), numeric: true },
      { name: 'Posts', cell: (file) => count(file.posts), numeric: true },
      { name: 'Rejects', cell: (file) => count(file.rejects), numeric: true },
      { name: 'Duplicates', cell: (file) => count(file.duplicates), numeric: true },
      { name: 'Without post', cell: (file) => count(file.ignored), numeric: true },
      { name: 'SHA-256', cell: (file) => h('code', {}, bdi(file.sha256, 64)) },
    ] }),
    report.data_digest && h('p', { class: 'small digest' }, 'Digest of all files together: ', h('code', {}, bdi(report.data_digest, 64))),
    h('h3', {}, 'Rejects'),
    table({ caption: 'Rows that could not be read, by file and reason', what: 'reasons', rows: report.rejects, empty: 'Every row could be read.', columns: [
      { name: 'File', cell: (reject) => bdi(reject.file, 60), rowHeader: true },
      { name: 'Reason', long: true, cell: (reject) => bdi(reject.reason, 160) },
      { name: 'Rows', cell: (reject) => count(reject.count), numeric: true },
      { name: 'First at line', cell: (reject) => count(reject.line), numeric: true },
      { name: 'Begins', cell: (reject) => h('code', {}, bdi(reject.example, 120)) },
    ] }),
    h('h3', {}, 'Options of this run'),
    table({ caption: 'Every option of the run, given or by default', what: 'options', rows: report.options, size: 60, columns: [
      { name: 'Option', cell: (option) => h('code', {}, bdi(option.name, 60)), rowHeader: true },
      { name: 'Value', cell: (option) => h('code', {}, bdi(option.value, 120)) },
      { name: 'Meaning', long: true, cell: (option) => bdi(option.meaning, 300) },
    ] }),
    report.stages.length > 0 && h('h3', {}, 'Time'),
    report.stages.length > 0 && h('p', { class: 'small' }, `${figure(seconds)} s in all: `, ...report.stages.flatMap((stage, i) => [i ? ', ' : '', bdi(stage.name, 40), ` ${figure(stage.seconds)} s`]), '.'),
    h('p', { class: 'small' }, 'The same files, options and seed give the same findings, on any machine. ', h('code', {}, 'lockstep explain CASE FINDING'), ' prints the way from a finding down to the bytes of each post.'));
}
