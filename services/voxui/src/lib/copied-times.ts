/** Times are shown in the zone of the reader, and read by others once they are copied: then they are in UTC. */

const timeAround = (node: Node) => (node instanceof Element ? node : node.parentElement)?.closest('time');
const utcOf = (time: HTMLTimeElement) => {
  const date = new Date(time.dateTime);
  return Number.isNaN(date.getTime()) ? time.textContent : date.toISOString();
};

/** The text of a selection, each time in it whole and in UTC; null: it holds none, the browser copies as ever. */
export function inUtc(selection: Selection): string | null {
  if (selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0).cloneRange();
  const [first, last] = [timeAround(range.startContainer), timeAround(range.endContainer)];
  if (first) range.setStartBefore(first);
  if (last && range.endOffset > 0) range.setEndAfter(last);
  const times = [...document.querySelectorAll('time')].filter((time) => range.intersectsNode(time));
  if (times.length === 0) return null;
  selection.removeAllRanges();
  selection.addRange(range);
  let rest = selection.toString();
  let text = '';
  for (const time of times) {
    const at = rest.indexOf(time.textContent);
    if (at < 0) continue;
    text += rest.slice(0, at) + utcOf(time);
    rest = rest.slice(at + time.textContent.length);
  }
  return text + rest;
}

export function copyTimesInUtc() {
  document.addEventListener('copy', (event) => {
    const selection = getSelection();
    const text = selection && inUtc(selection);
    if (!text || !event.clipboardData) return;
    event.clipboardData.setData('text/plain', text);
    event.preventDefault();
  });
}
