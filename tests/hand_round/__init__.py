"""Questions that a strong writer and a strong vision model were asked, and their replies.

`cases.jsonl` holds the questions with their right answers, in the form of `vprog eval`;
`conversations.jsonl` what the models replied and what came of it. Both models were played by
hand, blind to the answers, from the requests and pictures alone.
"""
