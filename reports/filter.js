// Lets a reader of the requirement tables see one verdict at a time. Without script every row is shown.
(() => {
  const rows = [...document.querySelectorAll('tr[data-verdict]')];
  const verdicts = [...new Set(rows.map((row) => row.dataset.verdict))];
  const heading = document.getElementById('requirements');
  const unfold = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let at = target; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener('hashchange', unfold);
  unfold();
  if (!heading || verdicts.length < 2) return;
  const bar = document.createElement('p');
  bar.className = 'filter';
  bar.append('Show ');
  const buttons = ['all', ...verdicts].map((verdict) => {
    const button = document.createElement('button');
    button.type = 'button';
    const count = rows.filter((row) => verdict === 'all' || row.dataset.verdict === verdict).length;
    button.textContent = `${verdict} ${count}`;
    button.setAttribute('aria-pressed', String(verdict === 'all'));
    button.addEventListener('click', () => {
      for (const row of rows) row.hidden = verdict !== 'all' && row.dataset.verdict !== verdict;
      for (const each of buttons) each.setAttribute('aria-pressed', String(each === button));
    });
    return button;
  });
  bar.append(...buttons);
  heading.after(bar);
  addEventListener('beforeprint', () => buttons[0].click());
})();
