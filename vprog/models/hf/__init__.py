"""Models of transformers, for the writer (`--llm hf:M`), the VLM (`--vlm hf:M`) and modules."""
