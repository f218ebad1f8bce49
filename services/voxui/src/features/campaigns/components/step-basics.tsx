import { Panel } from '@/components/card';
import { Fields } from '@/components/field';
import { SelectField, TextField } from '@/components/form-fields';
import { Notice } from '@/components/states';

import type { CampaignForm } from '../lib/form';

interface BotName {
  bot_id: string;
  name: string;
}

export function StepBasics({ bots, locked }: { bots: BotName[]; locked: boolean }) {
  return (
    <Panel title="Basics">
      {locked ? (
        <Notice>The campaign has run: its name and its bot stay as they are.</Notice>
      ) : (
        <Fields>
          <TextField<CampaignForm> name="name" label="Name" autoComplete="off" />
          <SelectField<CampaignForm>
            name="bot_id"
            label="Bot"
            hint="It talks to everybody who answers"
            choices={[
              { value: '', label: 'Choose a bot' },
              ...bots.map((bot) => ({ value: bot.bot_id, label: bot.name })),
            ]}
          />
        </Fields>
      )}
    </Panel>
  );
}
