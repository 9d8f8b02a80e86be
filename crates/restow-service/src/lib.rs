//! restow-service.
