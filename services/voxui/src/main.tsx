import './index.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from '@/app/app';
import { setUpClient } from '@/lib/api';
import { applyBrand } from '@/lib/brand';
import { config } from '@/lib/config';
import { copyTimesInUtc } from '@/lib/copied-times';
import { isIdleWork } from '@/lib/idle';
import { followSystemTheme } from '@/lib/theme';

applyBrand(config);
followSystemTheme();
setUpClient();
copyTimesInUtc();

// A chunk that a new release replaced: one reload brings the new index; a second failure shows the error page. One that
// was fetched ahead is left: whoever goes there asks for it again.
window.addEventListener('vite:preloadError', (event) => {
  if (isIdleWork()) return;
  const last = Number(sessionStorage.getItem('vox_reloaded_at') ?? 0);
  if (Date.now() - last < 30_000) return;
  sessionStorage.setItem('vox_reloaded_at', String(Date.now()));
  event.preventDefault();
  location.reload();
});

const root = document.getElementById('root');
if (!root) throw new Error('index.html holds no #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
