"""Questions that a strong writer and a strong vision model were asked, and their replies.

`cases.jsonl` holds the questions with their right answers, in the form of `vprog eval`;
`conversations.jsonl` what the models replied in the first round and what came of it,
`second_round.jsonl` the same of a later round by another player. Both models were played by
hand, blind to the answers, from the requests and pictures alone.
"""
