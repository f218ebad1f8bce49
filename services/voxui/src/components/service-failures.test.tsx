import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';

import { ServiceFailures } from './service-failures';

const failed = (data: unknown) => ({ type: 'service_error', offset_ms: 10, data });

it('says of each failed service which it is, what it said and what came of it', () => {
  const { container } = render(
    <ServiceFailures
      events={[
        { type: 'call_started', offset_ms: 0, data: {} },
        failed({ stage: 'tts', provider: 'openai', message: 'Connection refused.', action: 'retry' }),
        failed({ stage: 'tts', provider: 'openai', message: 'Connection refused', action: 'give_up' }),
      ]}
    />,
  );
  expect(screen.getByText('Voice failed (openai): Connection refused. It was asked again.')).toBeVisible();
  expect(screen.getByText(/^Voice failed \(openai\): Connection refused\. Nothing else could take over/)).toBeVisible();
  expect(container.children).toHaveLength(2);
});

it.each([
  [{ stage: 'of_tomorrow', action: 'waited' }, 'Of tomorrow failed. Waited.'],
  ['unreadable', 'A service failed.'],
])('shows what a newer worker says (%j)', (data, text) => {
  render(<ServiceFailures events={[failed(data)]} />);
  expect(screen.getByText(text)).toBeVisible();
});

it('is nothing for a call without any', () => {
  expect(render(<ServiceFailures events={undefined} />).container).toBeEmptyDOMElement();
});
